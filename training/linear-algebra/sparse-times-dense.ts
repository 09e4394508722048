import type { Matrix } from '../backend/linear-algebra.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'

/**
 * A sparse matrix times a dense one; for the transpose of the sparse one give `transpose(sparse)`.
 *
 * @param sparse `[rows, inner]`
 * @param dense  `[inner, columns]`
 * @returns `[rows, columns]`
 */
export function sparseTimesDense({ offsets, columns, values }: SparseMatrix, dense: Matrix): Matrix {
  const rows = offsets.length - 1
  const width = dense.columns
  const from = dense.values
  const product = new Float32Array(rows * width)
  const sums = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    sums.fill(0)
    const end = offsets[row + 1]!
    let at = offsets[row]!
    // Four at a time: a sum is read and written once for four products.
    for (; at + 3 < end; at += 4) {
      const [a, b, c, d] = [values[at]!, values[at + 1]!, values[at + 2]!, values[at + 3]!]
      const atA = columns[at]! * width
      const atB = columns[at + 1]! * width
      const atC = columns[at + 2]! * width
      const atD = columns[at + 3]! * width
      for (let j = 0; j < width; j++) {
        sums[j]! += a * from[atA + j]! + b * from[atB + j]! + c * from[atC + j]! + d * from[atD + j]!
      }
    }
    for (; at < end; at++) {
      const value = values[at]!
      const start = columns[at]! * width
      for (let j = 0; j < width; j++) sums[j]! += value * from[start + j]!
    }
    product.set(sums, row * width)
  }
  return { rows, columns: width, values: product }
}
