/** What a model reads of n examples, in raw units. */
export interface TabularColumns {
  readonly rowCount: number
  readonly featureCount: number
  /** `[rowCount, featureCount]`, row-major; NaN = missing */
  readonly numeric: Float32Array
  /** `[fields][rowCount]`; `''` = unknown */
  readonly categorical: readonly (readonly string[])[]
}
