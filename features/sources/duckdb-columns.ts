import { type DuckDBDataChunk, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api'
import type { ColumnBatch, ColumnType, ColumnTypes, ColumnValues } from './mart-source.ts'

/**
 * Wraps a SELECT so that its columns arrive in the asked types and names, nulls replaced as `ColumnType` promises: casting in the
 * engine lets whole column vectors be copied instead of values.
 */
export function typedSelect(sql: string, columns: ColumnTypes): string {
  const names = Object.keys(columns)
  const list = Object.entries(columns).map(([name, type]) => `${typed(`q."${name}"`, type)} as "${name}"`)
  const body = sql.trim().replace(/;$/, '')
  return `select ${list.join(', ')} from (${body}\n) as q(${names.map((name) => `"${name}"`).join(', ')})`
}

function typed(expression: string, type: ColumnType): string {
  if (type === 'float64') return `coalesce(cast(${expression} as double), 'nan'::double)`
  if (type === 'int32') return `coalesce(cast(${expression} as integer), -1)`
  return `coalesce(cast(${expression} as varchar), '')`
}

/** Copies a chunk of a `typedSelect`, since the chunk's memory is reused by the next fetch. */
export function copyChunk<C extends ColumnTypes>(chunk: DuckDBDataChunk, columns: C): ColumnBatch<C> {
  const copied = Object.entries(columns).map(([name, type], index) => [name, copyColumn(chunk, index, type)])
  return { rowCount: chunk.rowCount, columns: Object.fromEntries(copied) as ColumnBatch<C>['columns'] }
}

function copyColumn(chunk: DuckDBDataChunk, index: number, type: ColumnType): ColumnValues<ColumnType> {
  if (type === 'string') return chunk.getColumnValues(index) as string[]
  // `items` is not in the type declarations: the vector's memory as a typed array, 4 times faster than value by value.
  const { items } = chunk.getColumnVector(index) as unknown as { items?: Float64Array | Int32Array }
  if (items !== undefined) return items.slice(0, chunk.rowCount)
  const values = chunk.getColumnValues(index) as number[]
  return type === 'float64' ? Float64Array.from(values) : Int32Array.from(values)
}

/** A value of a small result: timestamps and dates as seconds since 1970 UTC, wide integers and decimals as numbers. */
export function plainValue(value: unknown, type: DuckDBType): string | number | boolean | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return Number(value)
  if (type.typeId === DuckDBTypeId.DATE) return (value as { days: number }).days * 86_400
  if (type.typeId === DuckDBTypeId.TIMESTAMP || type.typeId === DuckDBTypeId.TIMESTAMP_TZ) {
    return Number((value as { micros: bigint }).micros) / 1e6
  }
  if (type.typeId === DuckDBTypeId.DECIMAL) return Number(String(value))
  return String(value)
}
