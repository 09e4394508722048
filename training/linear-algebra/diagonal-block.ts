import type { Matrix } from '../backend/linear-algebra.ts'

/** A factored block on the diagonal: of L itself only the inverse is ever used. */
export interface DiagonalBlock {
  readonly width: number
  /** L⁻¹ `[width, width]`, lower triangular. */
  readonly inverse: Matrix
}

/**
 * Factors a small symmetric positive definite block in float64 and inverts the factor.
 *
 * @param block `[width, width]` row-major; its lower triangle is read
 * @returns undefined when a pivot is not positive by more than float32 can tell
 */
export function factorDiagonalBlock(block: Float32Array, width: number): DiagonalBlock | undefined {
  const factor = Float64Array.from(block)
  for (let i = 0; i < width; i++) {
    const rowI = i * width
    const before = factor[rowI + i]!
    for (let j = 0; j <= i; j++) {
      const rowJ = j * width
      let sum = factor[rowI + j]!
      for (let k = 0; k < j; k++) sum -= factor[rowI + k]! * factor[rowJ + k]!
      if (i !== j) factor[rowI + j] = sum / factor[rowJ + j]!
      else if (sum > 1e-9 * before) factor[rowI + j] = Math.sqrt(sum)
      else return undefined
    }
  }
  return { width, inverse: { rows: width, columns: width, values: invertTriangle(factor, width) } }
}

/** Row i of L⁻¹ = (e_i − Σ_{k<i} L[i, k]·row k) / L[i, i]. */
function invertTriangle(factor: Float64Array, width: number): Float32Array {
  const inverse = new Float64Array(width * width)
  for (let i = 0; i < width; i++) {
    const row = i * width
    const pivot = 1 / factor[row + i]!
    inverse[row + i] = 1
    for (let k = 0; k < i; k++) {
      const weight = factor[row + k]!
      for (let j = 0; j <= k; j++) inverse[row + j]! -= weight * inverse[k * width + j]!
    }
    for (let j = 0; j <= i; j++) inverse[row + j]! *= pivot
  }
  return Float32Array.from(inverse)
}
