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
  const product = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const out = product.subarray(row * width, (row + 1) * width)
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const start = columns[at]! * width
      const value = values[at]!
      for (let j = 0; j < width; j++) out[j]! += value * dense.values[start + j]!
    }
  }
  return { rows, columns: width, values: product }
}
