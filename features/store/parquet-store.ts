import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { FeatureMatrix } from '../definitions/feature-matrix.ts'
import type { FeatureService } from '../definitions/feature-view.ts'
import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { ColumnType } from '../sources/mart-source.ts'
import { currentSnapshots, snapshotFile } from './current-snapshots.ts'
import { dayNumber, daySeconds } from './day.ts'
import { defaultMatrix, type MutableMatrix } from './default-matrix.ts'
import type { LabelRows, OfflineStore } from './offline-store.ts'
import { serviceColumns, type ViewColumns } from './service-columns.ts'
import type { SnapshotManifest } from './snapshot-manifest.ts'
import { literal } from './snapshot-writer.ts'

/**
 * Snapshots in Parquet, joined by DuckDB.
 *
 * An example reads the last snapshot at or before its moment, and of that snapshot its entity's row. It never falls back to an
 * older row of the entity: an entity without a row has the defaults there, and an older row would describe another day's window.
 */
export class ParquetStore implements OfflineStore {
  readonly #dir: string
  readonly #engine: DuckDbDatabase
  #joins = 0

  /**
   * @param dir the folder of all snapshots
   * @param engine an in-memory DuckDB, closed with this store
   */
  constructor(dir: string, engine: DuckDbDatabase) {
    this.#dir = dir
    this.#engine = engine
  }

  async historicalFeatures(service: FeatureService, labels: LabelRows): Promise<FeatureMatrix> {
    const matrix = defaultMatrix(service, labels.rowCount)
    for (const columns of serviceColumns(service)) await this.#join(service, columns, labels, matrix)
    const { rowCount, numeric, categorical, missing, stale } = matrix
    return { rowCount, numeric, categorical, missing, stale }
  }

  async close(): Promise<void> {
    await this.#engine.close()
  }

  async #join(service: FeatureService, columns: ViewColumns, labels: LabelRows, matrix: MutableMatrix): Promise<void> {
    const { view } = columns
    const ids = labels[view.entity]
    if (ids === undefined || ids.length !== labels.rowCount) {
      throw new AppError(
        'INPUT_INVALID',
        `The feature service ${service.name} needs a ${view.entity} id for each of ${labels.rowCount} examples, got ${ids?.length ?? 'none'}.`,
      )
    }
    const viewDir = join(this.#dir, view.name)
    const manifest = await currentSnapshots(viewDir, view)
    const wanted = snapshotOfEach(labels, ids, manifest, view.ttlSeconds)
    matrix.stale += wanted.stale
    matrix.missing += wanted.missing
    if (wanted.rows.length === 0) return
    const files = await Promise.all([...wanted.snapshots].map((i) => snapshotFile(viewDir, manifest.snapshots[i]!)))
    const table = `labels_${++this.#joins}`
    try {
      await this.#engine.run(`create table ${table} (label integer, day integer, id varchar)`)
      const rowIds = Array.from(wanted.rows, (row) => ids[row]!)
      await this.#engine.append(table, [wanted.rows, wanted.days, rowIds])
      matrix.missing += wanted.rows.length - (await this.#fill(columns, table, files, matrix))
    } catch (error) {
      throw unreadable(viewDir, error)
    } finally {
      await this.#engine.run(`drop table if exists ${table}`)
    }
  }

  /** @returns how many examples found a row */
  async #fill(columns: ViewColumns, table: string, files: readonly string[], matrix: MutableMatrix): Promise<number> {
    const { numeric, categorical } = columns
    const names = [...numeric, ...categorical].map(({ field }) => field.name)
    const types: Record<string, ColumnType> = { label: 'int32' }
    for (const { field } of numeric) types[field.name] = 'float64'
    for (const { field } of categorical) types[field.name] = 'string'
    const sql = `select l.label, ${names.map((name) => `f.${name}`).join(', ')}
      from ${table} l
      join read_parquet([${files.map(literal).join(', ')}], hive_partitioning = true, hive_types = {'as_of': date}) f
        on cast(f.as_of - date '1970-01-01' as integer) = l.day and f.entity_id = l.id`
    let found = 0
    for await (const batch of this.#engine.read(sql, types)) {
      const rows = batch.columns.label as Int32Array
      found += batch.rowCount
      for (const { field, column } of numeric) {
        const values = batch.columns[field.name] as Float64Array
        for (let i = 0; i < batch.rowCount; i++) {
          const value = values[i]!
          if (!Number.isNaN(value)) matrix.numeric[rows[i]! * matrix.width + column] = value
        }
      }
      for (const { field, column } of categorical) {
        const values = batch.columns[field.name] as string[]
        const target = matrix.categorical[column]!
        for (let i = 0; i < batch.rowCount; i++) if (values[i] !== '') target[rows[i]!] = values[i]!
      }
    }
    return found
  }
}

interface WantedRows {
  /** Examples that have a snapshot to look into, and the day of it. */
  readonly rows: Int32Array
  readonly days: Int32Array
  /** Indices into the manifest's snapshots. */
  readonly snapshots: ReadonlySet<number>
  readonly missing: number
  readonly stale: number
}

/** The last snapshot at or before each example's moment, unless it is older than `ttlSeconds` then. */
function snapshotOfEach(
  labels: LabelRows,
  ids: readonly string[],
  manifest: SnapshotManifest,
  ttlSeconds: number,
): WantedRows {
  const days = Int32Array.from(manifest.snapshots, (snapshot) => dayNumber(snapshot.day))
  const rows = new Int32Array(labels.rowCount)
  const dayOfRow = new Int32Array(labels.rowCount)
  const snapshots = new Set<number>()
  let count = 0
  let missing = 0
  let stale = 0
  for (let i = 0; i < labels.rowCount; i++) {
    const at = labels.at[i]!
    const index = lastAtOrBefore(days, at / daySeconds)
    if (index < 0 || ids[i] === '') {
      missing++
    } else if (at - days[index]! * daySeconds > ttlSeconds) {
      stale++
    } else {
      snapshots.add(index)
      rows[count] = i
      dayOfRow[count++] = days[index]!
    }
  }
  return { rows: rows.subarray(0, count), days: dayOfRow.subarray(0, count), snapshots, missing, stale }
}

/** Index of the last element ≤ x of an ascending array; −1 when there is none, or x is not a number. */
function lastAtOrBefore(ascending: Int32Array, x: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! <= x) low = middle + 1
    else high = middle
  }
  return low - 1
}

function unreadable(viewDir: string, error: unknown): AppError {
  if (error instanceof AppError && error.code !== 'WAREHOUSE_FAILED') return error
  const reason = error instanceof Error ? error.message : String(error)
  return new AppError(
    'STORE_FAILED',
    `A feature snapshot in ${viewDir} cannot be read: ${reason}. Run \`contentflow features build --full\`.`,
    { cause: error },
  )
}
