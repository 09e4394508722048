import { type Matrix, multiply } from '../backend/linear-algebra.ts'

/** A matrix of item → item weights of low rank: L·M·Rᵀ. */
export interface LowRankWeights {
  /** L, `[items, size]` */
  readonly left: Matrix
  /** M, `[size, size]` */
  readonly mixing: Matrix
  /** R, `[items, size]` */
  readonly right: Matrix
}

/** Sets the scores to Σ over the history of the rows of L·M·Rᵀ. @param scores `[items]` */
export function scoreByLowRank(
  { left, mixing, right }: LowRankWeights,
  history: Int32Array,
  scores: Float32Array,
): void {
  const size = left.columns
  const sums = new Float32Array(size)
  addRows(left, history, sums)
  const mixed = new Float64Array(size)
  for (const [row, weight] of sums.entries()) {
    for (let i = 0; i < size; i++) mixed[i]! += weight * mixing.values[row * size + i]!
  }
  for (let item = 0; item < scores.length; item++) {
    let sum = 0
    for (let i = 0, at = item * size; i < size; i++) sum += mixed[i]! * right.values[at + i]!
    scores[item] = sum
  }
}

/** The same for many at once. @param scores `[histories, items]` */
export async function scoreManyByLowRank(
  { left, mixing, right }: LowRankWeights,
  histories: readonly Int32Array[],
  scores: Float32Array,
): Promise<void> {
  const size = left.columns
  const sums = { rows: histories.length, columns: size, values: new Float32Array(histories.length * size) }
  for (const [row, history] of histories.entries()) {
    addRows(left, history, sums.values.subarray(row * size, (row + 1) * size))
  }
  await multiply(await multiply(sums, mixing), right, { transposeB: true, out: scores })
}

function addRows({ columns, values }: Matrix, rows: Int32Array, sums: Float32Array): void {
  for (const row of rows) {
    const from = row * columns
    for (let i = 0; i < columns; i++) sums[i]! += values[from + i]!
  }
}
