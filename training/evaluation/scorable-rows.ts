/** Rows that a model reads, and the model itself, to ask what it would say of changed ones. */
export interface ScorableRows {
  readonly rowCount: number
  /** `[rowCount, F]`, row-major, raw units; NaN = missing */
  readonly numeric: Float32Array
  /** `[rowCount, C]`, row-major; index into the field's vocabulary, 0 = unknown */
  readonly categorical: Int32Array
  /** One prediction per row, of as many rows as it is given. */
  readonly score: (numeric: Float32Array, categorical: Int32Array) => Promise<Float64Array>
}

/** Columns of a model's inputs that a person names as one. */
export interface ColumnGroup {
  readonly label: string
  readonly numeric: readonly number[]
  readonly categorical: readonly number[]
}

/** F or C: how many values a row has. */
export const widthOf = (values: ArrayLike<number>, rowCount: number): number => values.length / rowCount

/** The given rows of a row-major matrix, in their order; repeats allowed. */
export function takeRows<A extends Float32Array | Int32Array>(values: A, rowCount: number, rows: Int32Array): A {
  const width = widthOf(values, rowCount)
  const taken = new (values.constructor as new (length: number) => A)(rows.length * width)
  for (let i = 0; i < rows.length; i++) taken.set(values.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
  return taken
}

/** Copies columns over those of `to`: row i gets those of row `from[i]` of another matrix of the same width. */
export function copyColumns(
  to: Float32Array | Int32Array,
  values: Float32Array | Int32Array,
  width: number,
  columns: readonly number[],
  from: Int32Array,
): void {
  for (let i = 0; i < from.length; i++) {
    for (const column of columns) to[i * width + column] = values[from[i]! * width + column]!
  }
}
