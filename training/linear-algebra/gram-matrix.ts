import type { Matrix } from '../backend/linear-algebra.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { transpose } from '../classical/user-item-matrix.ts'

/**
 * XᵀX of a sparse X `[users, items]`, dense: one addition for each pair within a row, far fewer than a dense product takes.
 *
 * @returns `[items, items]`, symmetric
 */
export function gramMatrix(x: SparseMatrix, itemCount: number): Matrix {
  const values = new Float32Array(itemCount * itemCount)
  const byItem = transpose(x, itemCount)
  const sums = new Float64Array(itemCount)
  for (let item = 0; item < itemCount; item++) {
    sums.fill(0)
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.columns[at]!
      const weight = byItem.values[at]!
      for (let other = x.offsets[user]!; other < x.offsets[user + 1]!; other++) {
        sums[x.columns[other]!]! += weight * x.values[other]!
      }
    }
    values.set(sums, item * itemCount)
  }
  return { rows: itemCount, columns: itemCount, values }
}
