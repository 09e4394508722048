import { join } from 'node:path'
import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import type { MartSource } from '../sources/mart-source.ts'
import { literal } from '../sources/sql-text.ts'
import type { Snapshot } from './snapshot-manifest.ts'
import { stageRows } from './stage-rows.ts'

/** People of whom no features may be kept: the account is deleted, or personalisation was not agreed to. */
export const erasedUsersSql = 'select user_id from dim_user where deleted_at is not null or not consent_personalization'

/**
 * Snapshots that hold a person who has been erased since they were built.
 *
 * @returns their `file`s
 * @throws AppError
 */
export async function erasedUserSnapshots(
  source: MartSource,
  engine: DuckDbDatabase,
  viewDir: string,
  snapshots: readonly Snapshot[],
): Promise<ReadonlySet<string>> {
  if (snapshots.length === 0) return new Set()
  const table = 'erased'
  await stageRows(source, engine, table, erasedUsersSql, { user_id: 'string' })
  const byPath = new Map(snapshots.map((snapshot) => [join(viewDir, snapshot.file), snapshot.file]))
  const found = await engine.rows(
    `select distinct filename from read_parquet([${[...byPath.keys()].map(literal).join(', ')}], filename = true, hive_partitioning = false)
     where entity_id in (select user_id from ${table})`,
  )
  await engine.run(`drop table ${table}`)
  return new Set(found.map((row) => byPath.get(String(row.filename))!))
}
