import type { Matrix } from '../backend/linear-algebra.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { transpose } from '../classical/user-item-matrix.ts'

/**
 * Xᵀ·D·X of a sparse X `[users, items]`, dense; D weighs the users. Σ of squared row lengths / 2 additions: far fewer than by a dense product.
 *
 * @param weightOfUser `[users]`; all 1 when absent
 * @returns `[items, items]`, symmetric
 */
export function gramMatrix(x: SparseMatrix, itemCount: number, weightOfUser?: Float64Array): Matrix {
  const values = new Float32Array(itemCount * itemCount)
  const byItem = transpose(x, itemCount)
  const sums = new Float64Array(itemCount)
  for (let item = 0; item < itemCount; item++) {
    sums.fill(0)
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.columns[at]!
      const weight = byItem.values[at]! * (weightOfUser?.[user] ?? 1)
      for (let other = x.offsets[user]!; other < x.offsets[user + 1]!; other++) {
        sums[x.columns[other]!]! += weight * x.values[other]!
      }
    }
    values.set(sums, item * itemCount)
  }
  return { rows: itemCount, columns: itemCount, values }
}
