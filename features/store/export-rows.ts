import { rm } from 'node:fs/promises'
import { DuckDbDatabase } from '../sources/duckdb-database.ts'
import { DuckDbSource } from '../sources/duckdb-source.ts'
import type { ColumnTypes, MartSource, SqlParameter } from '../sources/mart-source.ts'
import { bindLiterals, sqlLiteral } from '../sources/sql-literal.ts'
import { commitFile } from './durable-file.ts'
import { stageRows } from './stage-rows.ts'

/**
 * Writes the rows of a SELECT over the marts to one Parquet file, which takes its place only when it is whole.
 *
 * @param columns the SELECT's columns in order
 * @param file    its folder exists
 * @param engine  settings of the DuckDB that writes where the marts are not in one themselves
 * @throws AppError WAREHOUSE_FAILED | DISK_FULL | CANCELLED
 */
export async function exportRows(
  source: MartSource,
  { sql, parameters }: { readonly sql: string; readonly parameters: readonly SqlParameter[] },
  columns: ColumnTypes,
  file: string,
  engine: { readonly memoryMb: number; readonly threads?: number | undefined },
  signal: AbortSignal,
): Promise<void> {
  const own = source instanceof DuckDbSource ? undefined : await DuckDbDatabase.open({ path: ':memory:', ...engine })
  const database = own ?? (source as DuckDbSource).database
  const table = 'export_rows'
  const temporary = `${file}.writing`
  try {
    await stageRows(source, database, table, bindLiterals(sql, parameters), columns, signal)
    await database.run(`copy ${table} to ${sqlLiteral(temporary)} (format parquet, compression zstd)`)
    await commitFile(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await database.run(`drop table if exists ${table}`)
    await own?.close()
  }
}
