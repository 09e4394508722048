import type { SqlDialect } from './mart-source.ts'

/**
 * SQL of a whole number that changes with any value of a row; its sum over rows is a fingerprint of them, whatever their order.
 *
 * Every engine has its own numbers: compare only what the same warehouse gave. NULL differs from every value.
 *
 * @param columns SQL of the values; of PostgreSQL's and Redshift's types all but boolean, which Redshift does not cast to text
 */
export function rowHash(dialect: SqlDialect, columns: readonly string[]): string {
  if (dialect === 'duckdb') return `cast(hash(${columns.join(', ')}) as hugeint)`
  // Redshift shares no hash function with PostgreSQL but md5, and no way to read hexadecimal. So the letters become digits (the bits
  // lost do not matter), and the first 18 digits are the number. A bare varchar would cut at 256 bytes there.
  const texts = columns.map((column) => `coalesce(cast(${column} as varchar(65535)), chr(30))`)
  return `cast(substr(translate(md5(${texts.join(' || chr(31) || ')}), 'abcdef', '012345'), 1, 18) as bigint)`
}
