import type { ColumnKind } from './mart.ts'

const whole = /^(tinyint|smallint|integer|int|int2|int4|int8|bigint|utinyint|usmallint|uinteger|ubigint|hugeint)$/
const fractional = /^(real|float|float4|float8|double|double precision|(numeric|decimal)(\(.*\))?)$/
const string = /^(text|varchar|character varying|character|char|bpchar)(\(.*\))?$/
const timestamp = /^timestamp( without time zone|_s|_ms|_ns)?$/

/**
 * Whether a warehouse column may hold a kind of value: narrower numbers and any string type are fine, a timestamp must be without
 * time zone.
 *
 * @param dataType as information_schema.columns says it, in DuckDB, PostgreSQL or Redshift
 */
export function acceptsType(kind: ColumnKind, dataType: string): boolean {
  const type = dataType.toLowerCase()
  if (kind === 'id' || kind === 'text' || kind === 'category') return string.test(type)
  if (kind === 'integer') return whole.test(type)
  if (kind === 'real') return whole.test(type) || fractional.test(type)
  if (kind === 'timestamp') return timestamp.test(type)
  return type === kind
}
