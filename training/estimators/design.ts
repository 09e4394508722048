/** Rows of a linear model, dense and row-major. */
export interface Design {
  /** `[rowCount, width]`, standardised so that one penalty is fair to all columns. */
  readonly values: Float32Array
  readonly width: number
}

/** Weights of a linear model: value = intercept + Σ weights·row. */
export interface LinearModel {
  readonly weights: Float64Array
  readonly intercept: number
}

/** Values of a linear model for all rows; `[rowCount]`. */
export function predictLinear(model: LinearModel, design: Design): Float64Array {
  const rowCount = design.width === 0 ? 0 : design.values.length / design.width
  const result = new Float64Array(rowCount).fill(model.intercept)
  for (let i = 0; i < rowCount; i++) {
    const start = i * design.width
    let sum = 0
    for (let j = 0; j < design.width; j++) sum += model.weights[j]! * design.values[start + j]!
    result[i]! += sum
  }
  return result
}

/**
 * Gram matrix and product of the rows with a leading column of ones: XᵀX `[width + 1]²` (lower triangle) and Xᵀy.
 *
 * @param rows   indices of the rows that count
 * @param target value of each of `rows`
 */
export function normalEquations(
  design: Design,
  rows: Int32Array,
  target: ArrayLike<number>,
): { readonly gram: Float64Array; readonly product: Float64Array } {
  const { values, width } = design
  const size = width + 1
  const gram = new Float64Array(size * size)
  const product = new Float64Array(size)
  const row = new Float64Array(size)
  const used = new Int32Array(size)
  row[0] = 1
  for (let r = 0; r < rows.length; r++) {
    row.set(values.subarray(rows[r]! * width, (rows[r]! + 1) * width), 1)
    // One-hot columns make most of a row zero: only the others count.
    let count = 0
    for (let j = 0; j < size; j++) if (row[j] !== 0) used[count++] = j
    for (let a = 0; a < count; a++) {
      const j = used[a]!
      const value = row[j]!
      product[j]! += value * target[r]!
      const start = j * size
      for (let b = 0; b <= a; b++) gram[start + used[b]!]! += value * row[used[b]!]!
    }
  }
  return { gram, product }
}
