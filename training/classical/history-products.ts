import { type Matrix, multiply } from '../backend/linear-algebra.ts'

/**
 * Scores many histories by one product of matrices: X·W with a row of X for each history. Adding up the rows of W one history at a time
 * reads W anew for each of them.
 *
 * @param histories  `[n]`
 * @param weights    W, `[features, items]`
 * @param fill       writes a history's row of X, `[features]`, zeros before
 * @param ofNobody   `[items]`: the scores of an empty history
 * @param scores     `[n, items]` row-major, overwritten
 */
export async function historyProducts(
  histories: readonly Int32Array[],
  weights: Matrix,
  fill: (history: Int32Array, row: Float32Array) => void,
  ofNobody: Float32Array,
  scores: Float32Array,
): Promise<void> {
  const features = weights.rows
  const values = new Float32Array(histories.length * features)
  for (const [i, history] of histories.entries()) fill(history, values.subarray(i * features, (i + 1) * features))
  await multiply({ rows: histories.length, columns: features, values }, weights, { out: scores })
  for (const [i, { length }] of histories.entries()) if (length === 0) scores.set(ofNobody, i * weights.columns)
}
