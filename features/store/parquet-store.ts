import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { FeatureMatrix } from '../definitions/feature-matrix.ts'
import type { FeatureService, FeatureView } from '../definitions/feature-view.ts'
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
  const numericColumns = Int32Array.from(numeric, ({ column }) => column)
  let missing = 0
  for (let row = 0; row < firstOf.length; row++) {
    const first = firstOf[row]!
    if (first < 0) continue
    if (found[first] === 0) missing++
    else if (first !== row) {
      const to = row * width
      const from = first * width
      for (let j = 0; j < numericColumns.length; j++) {
        matrix.numeric[to + numericColumns[j]!] = matrix.numeric[from + numericColumns[j]!]!
      }
      for (const { column } of categorical) matrix.categorical[column]![row] = matrix.categorical[column]![first]!
    }
  }
  return missing
}

interface WantedRows {
  /** The first example of each pair of entity and snapshot, and the snapshot's day: what there is to look up. */
  readonly rows: Int32Array
  readonly days: Int32Array
  /** For each example, the first with the same pair (itself, if it is the first); −1 where there is no snapshot to look into. */
  readonly firstOf: Int32Array
  /** Indices into the manifest's snapshots. */
  readonly snapshots: ReadonlySet<number>
  /** Examples without an entity or a moment. */
  readonly unknown: number
  /** Examples of before the first snapshot. */
  readonly tooEarly: number
  /** Examples whose snapshot was older than the ttl at their moment. */
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
  const firstOf = new Int32Array(labels.rowCount).fill(-1)
  const codes = new Map<string, number>()
  const firsts = new Map<number, number>()
  const snapshots = new Set<number>()
  let count = 0
  let unknown = 0
  let tooEarly = 0
  let stale = 0
  for (let i = 0; i < labels.rowCount; i++) {
    const at = labels.at[i]!
    const index = lastAtOrBefore(days, at / daySeconds)
    if (ids[i] === '' || Number.isNaN(at)) {
      unknown++
    } else if (index < 0) {
      tooEarly++
    } else if (at - days[index]! * daySeconds > ttlSeconds) {
      stale++
    } else {
      let code = codes.get(ids[i]!)
      if (code === undefined) {
        code = codes.size
        codes.set(ids[i]!, code)
      }
      const pair = code * days.length + index
      const first = firsts.get(pair)
      firstOf[i] = first ?? i
      if (first !== undefined) continue
      firsts.set(pair, i)
      snapshots.add(index)
      rows[count] = i
      dayOfRow[count++] = days[index]!
    }
  }
  return {
    rows: rows.subarray(0, count),
    days: dayOfRow.subarray(0, count),
    firstOf,
    snapshots,
    unknown,
    tooEarly,
    stale,
  }
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
