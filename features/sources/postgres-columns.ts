import type { CustomTypesConfig, QueryResult } from 'pg'
import { AppError } from '../../errors.ts'
import type { ColumnBatch, ColumnType, ColumnTypes, ColumnValues } from './mart-source.ts'

type Cell = string | null

// Object ids of PostgreSQL's types (pg_type.dat).
const boolean = 16
const numbers = new Set([20, 21, 23, 26, 700, 701, 1700])
const date = 1082
const timestamp = 1114
const timestampWithZone = 1184

/** Leaves every value the text that came over the wire. */
export const textTypes: CustomTypesConfig = { getTypeParser: () => (value: unknown) => value }

/** Values of a small result: numbers as numbers, timestamps and dates as seconds since 1970 UTC. */
export const plainTypes: CustomTypesConfig = {
  getTypeParser(type: number) {
    if (numbers.has(type)) return (value: string) => Number(value)
    if (type === boolean) return (value: string) => value === 't'
    if (type === date) return (value: string) => Date.parse(`${value}T00:00:00Z`) / 1000
    if (type === timestamp) return (value: string) => Date.parse(`${value.replace(' ', 'T')}Z`) / 1000
    if (type === timestampWithZone)
      return (value: string) => Date.parse(value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')) / 1000
    return (value: string) => value
  },
}

/**
 * Turns a FETCH into columns.
 *
 * @throws AppError WAREHOUSE_FAILED when the result has other columns, or a column is no number where one was expected
 */
export function textBatch<C extends ColumnTypes>(result: QueryResult<Cell[]>, columns: C): ColumnBatch<C> {
  const entries = Object.entries(columns)
  if (result.fields.length !== entries.length) {
    throw new AppError(
      'WAREHOUSE_FAILED',
      `Expected ${entries.length} columns (${Object.keys(columns).join(', ')}); the statement gave ${result.fields.length}. This is a bug in the statement.`,
    )
  }
  const filled = entries.map(([name, type], j) => {
    const source = result.fields[j]!
    if (type !== 'string' && !numbers.has(source.dataTypeID) && source.dataTypeID !== boolean) {
      throw new AppError(
        'WAREHOUSE_FAILED',
        `Expected the column ${name} as ${type}; the warehouse gave type ${source.dataTypeID}. Select a number, e.g. cast(extract(epoch from …) as double precision).`,
      )
    }
    return [name, column(result.rows, j, name, type)]
  })
  return { rowCount: result.rows.length, columns: Object.fromEntries(filled) as ColumnBatch<C>['columns'] }
}

function column(rows: readonly Cell[][], j: number, name: string, type: ColumnType): ColumnValues<ColumnType> {
  if (type === 'string') return rows.map((row) => row[j] ?? '')
  if (type === 'float64') return Float64Array.from(rows, (row) => numberOf(row[j]!, Number.NaN))
  return Int32Array.from(rows, (row) => {
    const value = Math.round(numberOf(row[j]!, -1))
    if (value === (value | 0)) return value
    throw new AppError('WAREHOUSE_FAILED', `Expected ${name} within 32 bits; got ${row[j]}. Ask for float64.`)
  })
}

const numberOf = (text: Cell, ifNull: number): number => {
  if (text === null) return ifNull
  return text === 't' ? 1 : text === 'f' ? 0 : Number(text)
}
