import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { FeatureMatrix } from '../definitions/feature-matrix.ts'
import type { FeatureService, FeatureView } from '../definitions/feature-view.ts'
import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { ColumnType } from '../sources/mart-source.ts'
import { literal } from '../sources/sql-text.ts'
import { currentSnapshots, snapshotFile } from './current-snapshots.ts'
import { defaultMatrix, type MutableMatrix } from './default-matrix.ts'
import type { LabelRows, OfflineStore } from './offline-store.ts'
import { serviceColumns, type ViewColumns } from './service-columns.ts'
import type { SnapshotManifest } from './snapshot-manifest.ts'
import { snapshotOfEach, type WantedRows } from './wanted-rows.ts'

/**
 * Snapshots in Parquet, joined by DuckDB.
 *
 * An example reads the last snapshot at or before its moment, and of that snapshot its entity's row. It never falls back to an
 * older row of the entity: an entity without a row has the defaults there, and an older row would describe another day's window.
 */
export class ParquetStore implements OfflineStore {
  readonly #dir: string
  readonly #engine: DuckDbDatabase
  readonly #log: Logger
  #joins = 0

  /**
   * @param dir the folder of all snapshots
   * @param engine an in-memory DuckDB, closed with this store
   * @param log told how many examples lie outside the snapshots
   */
  constructor(dir: string, engine: DuckDbDatabase, log: Logger) {
    this.#dir = dir
    this.#engine = engine
    this.#log = log
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
    matrix.missing += wanted.unknown + wanted.tooEarly
    this.#tellOutside(view, manifest, labels.rowCount, wanted)
    if (wanted.rows.length === 0) return
    const files = await Promise.all([...wanted.snapshots].map((i) => snapshotFile(viewDir, manifest.snapshots[i]!)))
    const table = `labels_${++this.#joins}`
    try {
      await this.#engine.run(`create table ${table} (label integer, day integer, id varchar)`)
      const rowIds = Array.from(wanted.rows, (row) => ids[row]!)
      await this.#engine.append(table, [wanted.rows, wanted.days, rowIds])
      const found = await this.#fill(columns, table, files, matrix)
      matrix.missing += copyToEqual(columns, wanted.firstOf, found, matrix)
    } catch (error) {
      throw unreadable(viewDir, error)
    } finally {
      await this.#engine.run(`drop table if exists ${table}`)
    }
  }

  #tellOutside(view: FeatureView, manifest: SnapshotManifest, examples: number, { tooEarly, stale }: WantedRows): void {
    if (tooEarly === 0 && stale === 0) return
    const first = manifest.snapshots[0]!.day
    const last = manifest.snapshots.at(-1)!.day
    this.#log.warn(
      { view: view.name, examples, tooEarly, stale, first, last },
      `${tooEarly} of ${examples} examples are older than the first snapshot (${first}) and ${stale} too long after one (the last: ${last}): they get the defaults; \`contentflow features build\`, with --from, reaches further`,
    )
  }

  /** @returns 1 for each example that found a row */
  async #fill(
    columns: ViewColumns,
    table: string,
    files: readonly string[],
    matrix: MutableMatrix,
  ): Promise<Uint8Array> {
    const { numeric, categorical } = columns
    const names = [...numeric, ...categorical].map(({ field }) => field.name)
    const types: Record<string, ColumnType> = { label: 'int32' }
    for (const { field } of numeric) types[field.name] = 'float64'
    for (const { field } of categorical) types[field.name] = 'string'
    const sql = `select l.label, ${names.map((name) => `f.${name}`).join(', ')}
      from ${table} l
      join read_parquet([${files.map(literal).join(', ')}], hive_partitioning = true, hive_types = {'as_of': date}) f
        on cast(f.as_of - date '1970-01-01' as integer) = l.day and f.entity_id = l.id`
    const found = new Uint8Array(matrix.rowCount)
    for await (const batch of this.#engine.read(sql, types)) {
      const rows = batch.columns.label as Int32Array
      for (const row of rows) found[row] = 1
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

/**
 * Gives the examples of one entity and snapshot the values of the first of them.
 *
 * @returns how many examples have a snapshot, but no row in it
 */
function copyToEqual(
  { numeric, categorical }: ViewColumns,
  firstOf: Int32Array,
  found: Uint8Array,
  matrix: MutableMatrix,
): number {
  const { width } = matrix
  const runs = consecutive(numeric.map(({ column }) => column))
  let missing = 0
  for (let row = 0; row < firstOf.length; row++) {
    const first = firstOf[row]!
    if (first < 0) continue
    if (found[first] === 0) missing++
    else if (first !== row) {
      for (const [start, end] of runs) {
        matrix.numeric.copyWithin(row * width + start, first * width + start, first * width + end)
      }
      for (const { column } of categorical) matrix.categorical[column]![row] = matrix.categorical[column]![first]!
    }
  }
  return missing
}

/** Ascending numbers as ranges `[start, end)`: columns that lie together are copied at once. */
function consecutive(columns: readonly number[]): readonly (readonly [start: number, end: number])[] {
  const runs: [number, number][] = []
  for (const column of columns) {
    const last = runs.at(-1)
    if (last?.[1] === column) last[1]++
    else runs.push([column, column + 1])
  }
  return runs
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
