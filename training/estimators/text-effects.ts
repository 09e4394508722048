import { addRow, type SparseMatrix } from '../classical/sparse-matrix.ts'

const mostRounds = 60
/** Of the right-hand side's length: what the solution may leave over. */
const tolerance = 1e-4

/**
 * One weight per term of sparse rows: ridge regression without an intercept, by conjugate gradients (Hestenes & Stiefel 1952).
 *
 * minimises Σ (residual − x·w)² + strength·‖w‖²
 *
 * @param x        `[rowCount, termCount]`
 * @param residual `[rowCount]`: what another model leaves over; NaN does not count
 * @param rows     those to learn from
 * @returns `[termCount]`
 */
export function fitTextEffects(
  x: SparseMatrix,
  termCount: number,
  residual: ArrayLike<number>,
  rows: Int32Array,
  strength: number,
): Float64Array {
  const known = rows.filter((row) => !Number.isNaN(residual[row]!))
  /** (XᵀX + strength·I)·w */
  const apply = (w: Float64Array): Float64Array => {
    const result = w.map((value) => strength * value)
    for (const row of known) addRow(x, row, textScore(x, row, w), result)
    return result
  }
  const weights = new Float64Array(termCount)
  const right = new Float64Array(termCount)
  for (const row of known) addRow(x, row, residual[row]!, right)
  const enough = tolerance ** 2 * dot(right, right)
  const left = right.slice()
  const direction = left.slice()
  let square = dot(left, left)
  for (let round = 0; round < mostRounds && square > enough; round++) {
    const along = apply(direction)
    const step = square / dot(direction, along)
    for (let i = 0; i < termCount; i++) {
      weights[i]! += step * direction[i]!
      left[i]! -= step * along[i]!
    }
    const next = dot(left, left)
    for (let i = 0; i < termCount; i++) direction[i] = left[i]! + (next / square) * direction[i]!
    square = next
  }
  return weights
}

/** x[row]·w */
export function textScore({ offsets, columns, values }: SparseMatrix, row: number, w: ArrayLike<number>): number {
  let sum = 0
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) sum += values[at]! * w[columns[at]!]!
  return sum
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
