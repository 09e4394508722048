import { AppError } from '../../errors.ts'
import type { SqlParameter } from './mart-source.ts'

/**
 * Writes `$1`, `$2`, … into a statement as literals, for warehouses where a cursor cannot take bound parameters (Redshift).
 *
 * A Date becomes `timestamp '…'`: bound without a type, PostgreSQL would read it as a date beside a date column and cut the hours.
 * Strings, quoted names and comments in the statement stay untouched.
 *
 * @throws AppError INPUT_INVALID for a number that is not finite, a NUL character, or a placeholder without a value
 */
export function bindLiterals(sql: string, parameters: readonly SqlParameter[]): string {
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\$(\d+)/g, (text, index: string | undefined) => {
    if (index === undefined) return text
    const position = Number(index) - 1
    if (position < 0 || position >= parameters.length) {
      throw new AppError('INPUT_INVALID', `Expected a value for $${index}; got ${parameters.length} parameters.`)
    }
    return sqlLiteral(parameters[position]!)
  })
}

/** One value as an SQL literal of DuckDB, PostgreSQL and Redshift alike; hostile strings stay strings. */
export function sqlLiteral(value: SqlParameter): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value instanceof Date) return `timestamp '${value.toISOString().replace('T', ' ').replace('Z', '')}'`
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new AppError('INPUT_INVALID', `Expected a finite number; got ${value}.`)
    // A negative literal in parentheses: `1 -$1` must not become a comment.
    return value < 0 ? `(${value})` : String(value)
  }
  if (value.includes('\0')) throw new AppError('INPUT_INVALID', 'Expected text without NUL characters.')
  // A backslash escapes in Redshift's strings and does not in PostgreSQL's: chr(92) means the same in both.
  const parts = value.split('\\').map((part) => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(92) || ')})`
}
