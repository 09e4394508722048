import { AppError, toAppError } from '../../errors.ts'
import { findMart } from '../marts/index.ts'

const oneLine = (sql: string): string => {
  const text = sql.replace(/\s+/g, ' ').trim()
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

/** The error for a mart that the warehouse does not have. */
export const martMissing = (mart: string, where: string, cause?: unknown): AppError =>
  new AppError(
    'WAREHOUSE_MISSING',
    `Expected the mart ${mart} in ${where}; there is no such table. Run \`contentflow sample\` or \`contentflow import …\`, or check DATA_DIR, WAREHOUSE_URL and WAREHOUSE_SCHEMA.`,
    { cause, details: { mart } },
  )

/** The error for a statement that a warehouse refused. */
export const statementFailed = (message: string, sql: string, cause: unknown): AppError =>
  new AppError('WAREHOUSE_FAILED', `${message} (statement: ${oneLine(sql)})`, { cause })

/**
 * Says what went wrong in DuckDB in terms of what to do about it.
 *
 * @param path database file, or `:memory:`
 * @param sql the statement, if one was running
 */
export function duckDbError(error: unknown, path: string, sql?: string): AppError {
  const known = toAppError(error, 'WAREHOUSE_FAILED')
  if (known.code !== 'WAREHOUSE_FAILED' || error instanceof AppError) return known
  const message = known.message
  if (/could not set lock|conflicting lock/i.test(message)) {
    const holder = /PID (\d+)/.exec(message)?.[1]
    return new AppError(
      'WAREHOUSE_FAILED',
      `The warehouse ${path} is in use by another process${holder === undefined ? '' : ` (PID ${holder})`}; DuckDB lets one process write, or several read. Wait until it has finished and run this again.`,
      { cause: error, details: { path } },
    )
  }
  if (/not a valid duckdb database file|serialization error|checksum/i.test(message)) {
    return new AppError(
      'WAREHOUSE_FAILED',
      `Expected a DuckDB database in ${path}, but the file is something else or damaged: ${message}. Restore it, or move it away and import again.`,
      { cause: error, details: { path } },
    )
  }
  const table = /Table with name (\w+) does not exist/.exec(message)?.[1]
  if (table !== undefined && findMart(table) !== undefined) return martMissing(table, path, error)
  if (/out of memory/i.test(message)) {
    return new AppError('WAREHOUSE_FAILED', `DuckDB ran out of memory: ${message}. Raise DUCKDB_MEMORY_MB.`, {
      cause: error,
    })
  }
  return sql === undefined ? known : statementFailed(message, sql, error)
}
