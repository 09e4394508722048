import { randomBytes } from 'node:crypto'
import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toAppError } from '../../errors.ts'
import type { FeatureView } from '../definitions/feature-view.ts'
import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { ColumnType, MartSource } from '../sources/mart-source.ts'
import { literal } from '../sources/sql-text.ts'
import { dayName } from './day.ts'
import { commitFile } from './durable-file.ts'
import type { InputFingerprint } from './input-fingerprint.ts'
import type { Snapshot } from './snapshot-manifest.ts'
import { stageRows } from './stage-rows.ts'

const staging = 'staging'

export interface WrittenSnapshots {
  readonly snapshots: readonly Snapshot[]
  /** Rows by field that should have had a value, but came without one or with one that is not finite. */
  readonly broken: ReadonlyMap<string, number>
}

/**
 * Computes a view at some days, in one statement, and writes a Parquet file per day: `as_of=YYYY-MM-DD/<id>.parquet` with `entity_id`
 * and the fields (FLOAT or VARCHAR; NULL = unknown), ordered by entity. Nothing refers to the files before a manifest names them.
 *
 * @param engine a DuckDB to stage in, in a temporary table: the source's own, or one in memory
 * @param days day numbers, ascending
 * @throws AppError DISK_FULL | WAREHOUSE_FAILED | CANCELLED
 */
export async function writeSnapshots(
  source: MartSource,
  engine: DuckDbDatabase,
  view: FeatureView,
  viewDir: string,
  days: readonly number[],
  inputs: InputFingerprint,
  signal: AbortSignal,
): Promise<WrittenSnapshots> {
  try {
    const columns: Record<string, ColumnType> = { as_of: 'int32', entity_id: 'string' }
    for (const field of view.fields) columns[field.name] = field.dtype === 'category' ? 'string' : 'float64'
    await stageRows(
      source,
      engine,
      staging,
      view.sqlForDays(source.dialect, days.map(dayName)),
      columns,
      signal,
      storedColumns(view),
    )
    const rows = await engine.rows(`select as_of, count(*) as n from ${staging} group by as_of`)
    const rowsOf = new Map(rows.map((row) => [Number(row.as_of), Number(row.n)]))
    const snapshots: Snapshot[] = []
    for (const day of days) {
      signal.throwIfAborted()
      const file = join(`as_of=${dayName(day)}`, `${randomBytes(6).toString('hex')}.parquet`)
      const bytes = await writeDay(engine, view, viewDir, file, day)
      snapshots.push({ day: dayName(day), file, bytes, rows: rowsOf.get(day) ?? 0, inputs: inputs(day) })
    }
    return { snapshots, broken: await brokenFields(engine, view) }
  } catch (error) {
    throw toAppError(error, 'STORE_FAILED')
  } finally {
    await engine.run(`drop table if exists ${staging}`)
  }
}

async function writeDay(
  engine: DuckDbDatabase,
  view: FeatureView,
  viewDir: string,
  file: string,
  day: number,
): Promise<number> {
  const temporary = join(viewDir, 'writing.parquet')
  await mkdir(dirname(join(viewDir, file)), { recursive: true })
  try {
    await engine.run(
      `copy (select entity_id, ${view.fields.map(({ name }) => name).join(', ')} from ${staging} where as_of = ${day} order by entity_id)
       to ${literal(temporary)} (format parquet, compression zstd)`,
    )
    await commitFile(temporary, join(viewDir, file))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return (await stat(join(viewDir, file))).size
}

/** The view's rows as a snapshot holds them: once, and not again for each day. */
function storedColumns(view: FeatureView): string {
  const fields = view.fields.map(({ name, dtype }) =>
    dtype === 'category'
      ? `nullif(${name}, '') as ${name}`
      : `case when isfinite(cast(${name} as float)) then cast(${name} as float) end as ${name}`,
  )
  return ['as_of', 'entity_id', ...fields].join(', ')
}

async function brokenFields(engine: DuckDbDatabase, view: FeatureView): Promise<ReadonlyMap<string, number>> {
  const expected = view.fields.filter((field) => field.dtype === 'float32' && Number.isFinite(field.default))
  if (expected.length === 0) return new Map()
  const counts = expected.map(({ name }) => `count(*) - count(${name}) as ${name}`)
  const [row] = await engine.rows(`select ${counts.join(', ')} from ${staging}`)
  return new Map(
    Object.entries(row!)
      .map(([name, n]) => [name, Number(n)] as const)
      .filter(([, n]) => n > 0),
  )
}
