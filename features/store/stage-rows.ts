import type { DuckDbDatabase } from '../sources/duckdb-database.ts'
import { DuckDbSource } from '../sources/duckdb-source.ts'
import type { ColumnType, ColumnTypes, MartSource } from '../sources/mart-source.ts'

const sqlType: Readonly<Record<ColumnType, string>> = { float64: 'double', int32: 'integer', string: 'varchar' }

/**
 * Brings the rows of a SELECT over the marts into a table of the engine.
 *
 * @param engine the source's own database, and then the rows do not leave it; or one in memory, and then they are streamed into it
 * @param columns the SELECT's columns in order
 * @param as what the engine keeps of each row: a select list over these columns, in the engine's SQL; all of it by default
 * @throws AppError
 */
export async function stageRows(
  source: MartSource,
  engine: DuckDbDatabase,
  table: string,
  sql: string,
  columns: ColumnTypes,
  signal?: AbortSignal,
  as = '*',
): Promise<void> {
  if (source instanceof DuckDbSource && source.database === engine) {
    await engine.run(`create or replace temp table ${table} as select ${as} from (${sql})`)
    return
  }
  const streamed = `${table}_streamed`
  const types = Object.entries(columns).map(([name, type]) => `${name} ${sqlType[type]}`)
  await engine.run(`create or replace table ${streamed} (${types.join(', ')})`)
  for await (const batch of source.read(sql, columns)) {
    signal?.throwIfAborted()
    await engine.append(streamed, Object.values(batch.columns))
  }
  await engine.run(`create or replace temp table ${table} as select ${as} from ${streamed}`)
  await engine.run(`drop table ${streamed}`)
}
