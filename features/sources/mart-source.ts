/** How a selected column arrives in Node. NULL is NaN in `float64`, −1 in `int32`, and `''` in `string`: COALESCE in SQL where that matters. */
export type ColumnType = 'float64' | 'int32' | 'string'

export type ColumnTypes = Readonly<Record<string, ColumnType>>

export type ColumnValues<T extends ColumnType> = T extends 'float64'
  ? Float64Array
  : T extends 'int32'
    ? Int32Array
    : string[]

/** Some rows of a result, column by column. The arrays belong to the receiver. */
export interface ColumnBatch<C extends ColumnTypes> {
  readonly rowCount: number
  readonly columns: { readonly [K in keyof C]: ColumnValues<C[K]> }
}

export type SqlDialect = 'duckdb' | 'postgres'

/** A value bound to `$1`, `$2`, …; a Date is bound as a UTC timestamp. */
export type SqlParameter = string | number | boolean | Date | null

/**
 * Read access to the marts, wherever they live. SQL names the marts bare (`fct_interactions`): the schema is on the search path.
 * Statements stay in the part of SQL that DuckDB, PostgreSQL and Redshift share; a test runs every one of them on both.
 */
export interface MartSource {
  readonly dialect: SqlDialect

  /**
   * Streams a SELECT as columnar batches; memory does not grow with the number of rows.
   *
   * @param sql one SELECT; timestamps as `cast(extract(epoch from t) as double precision)`, seconds since 1970 UTC
   * @param columns the result's columns in order, by name, with the type to deliver
   * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
   */
  read<C extends ColumnTypes>(
    sql: string,
    columns: C,
    parameters?: readonly SqlParameter[],
  ): AsyncIterable<ColumnBatch<C>>

  /** A small result as row objects (numbers, strings, booleans, null); for reports and checks, never for bulk. */
  rows(sql: string, parameters?: readonly SqlParameter[]): Promise<Record<string, string | number | boolean | null>[]>

  close(): Promise<void>
}
