/** What a column means; its SQL type in each dialect follows from it (ddl.ts). */
export type ColumnKind = 'id' | 'text' | 'category' | 'integer' | 'real' | 'boolean' | 'timestamp' | 'date'

/** No time of a mart is later: what is, is a mistake or stands for "never". `YYYY-MM-DD`. */
export const latestDay = '2100-01-01'

/** No time of a mart is earlier, where its column does not say so. `YYYY-MM-DD`. */
export const earliestDay = '1970-01-01'

/** Characters of an id, at most; the API takes no longer ones. */
export const longestId = 256

/** A column that holds keys of another mart. */
export interface MartReference {
  readonly mart: string
  readonly column: string
  /** Whether a key that is not there breaks the contract, or is normal for a while (a visitor not yet loaded). */
  readonly orphan: 'error' | 'warning'
}

/** One column of a mart: the only place that says what it may hold. */
export interface MartColumn {
  readonly name: string
  /** `id`, `text`, `category`: strings, an `id` without control characters. `timestamp`: UTC without time zone. `date`: a UTC calendar day. */
  readonly type: ColumnKind
  readonly nullable: boolean
  readonly description: string
  /** Unit of a number, e.g. `seconds`. */
  readonly unit?: string
  /** Least and greatest value allowed, both inclusive; for `integer` and `real`. */
  readonly min?: number
  readonly max?: number
  /** First day allowed, `YYYY-MM-DD`, 1970-01-01 where it is not given; for `timestamp` and `date`. */
  readonly earliest?: string
  /** The only values allowed; for `category`. */
  readonly oneOf?: readonly string[]
  readonly references?: MartReference
}

/** A table that the warehouse offers to ContentFlow. */
export interface Mart {
  readonly name: string
  /** What one row is. */
  readonly grain: string
  readonly description: string
  readonly columns: readonly MartColumn[]
  /** Columns that identify a row. Redshift does not enforce this, so `marts check` does. */
  readonly key: readonly string[]
  /** The key only tells rows apart: a file without it can be imported, with keys made of the other columns. */
  readonly keyIsSurrogate?: boolean
  /** Redshift: column that spreads the rows over nodes, or `all` for a copy on each node. */
  readonly distKey: string
  /** Redshift: columns in whose order the rows lie on disk. */
  readonly sortKey: readonly string[]
}

/**
 * @returns the column of that name
 * @throws RangeError when the mart has none: a mistake in code, not in data
 */
export function martColumn(mart: Mart, name: string): MartColumn {
  const column = mart.columns.find((candidate) => candidate.name === name)
  if (column === undefined) throw new RangeError(`${mart.name} has no column ${name}`)
  return column
}
