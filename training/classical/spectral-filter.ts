import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import type { RightSingularVectors } from '../linear-algebra/right-singular-vectors.ts'

/** How the closeness of items is bent: see `spectralFamily`. */
export interface FilterSettings {
  /** Weight of the ideal low-pass. */
  readonly ideal: number
  /** Eigenvectors that the ideal low-pass lets through; at most all that there are. */
  readonly idealFactors: number
  /** Time that the sharpening runs; 0 is none. */
  readonly sharpening: number
}

/**
 * The filter of a history r as r·(tail·P̃ + [V_bent, D^(−½)·V_i]·right): the neighbourhood itself, and what the first eigenvectors add to it;
 * V_i are those of them that the ideal low-pass lets through.
 */
export interface SpectralFilter {
  /** What the neighbourhood part is multiplied by. */
  readonly tail: number
  /** Eigenvectors that sharpening bends: all, or none when there is no sharpening. */
  readonly bent: number
  /** `[bent + i, items]`; i is 0 when there is no ideal low-pass. */
  readonly right: Matrix
}

/**
 * What sharpening leaves of an eigenvalue λ after the time T: one Runge–Kutta step of dr/dt = −r·P̃, Σ_{n ≤ 4} (−T·λ)ⁿ / n!
 * (Choi et al. 2023, eq. 12 with their solver for Gowalla).
 */
export function sharpened(lambda: number, time: number): number {
  const x = -time * lambda
  return 1 + x * (1 + (x / 2) * (1 + (x / 3) * (1 + x / 4)))
}

/**
 * Bends the spectrum: with φ what sharpening leaves, the neighbourhood's λ becomes λ·φ(λ), and the ideal low-pass gets φ(λ) too.
 *
 * Exact for the eigenvectors at hand. The others, of smaller eigenvalues, all get the φ of the middle of what is left, which saves four
 * products of the whole matrix for every user.
 *
 * @param degrees `[items]`
 */
export async function spectralFilter(
  { vectors, squares }: RightSingularVectors,
  degrees: Float64Array,
  { ideal, idealFactors, sharpening }: FilterSettings,
): Promise<SpectralFilter> {
  const items = vectors.rows
  const k = vectors.columns
  const passed = ideal === 0 ? 0 : Math.min(idealFactors, k)
  const tail = sharpened((squares.at(-1) ?? 0) / 2, sharpening)
  // Without sharpening nothing is left to add to the neighbourhood's own eigenvalues.
  const bent = sharpening === 0 ? 0 : k
  const right = new Float32Array((bent + passed) * items)
  for (let factor = 0; factor < bent; factor++) {
    const lambda = squares[factor]!
    const weight = lambda * (sharpened(lambda, sharpening) - tail)
    for (let item = 0; item < items; item++) right[factor * items + item] = weight * vectors.values[item * k + factor]!
  }
  const filter = { tail, bent, right: { rows: bent + passed, columns: items, values: right } }
  if (passed === 0) return filter

  // V_i·V_iᵀ·D^½·φ(P̃), with φ(P̃) = tail·I + V·(φ(λ) − tail)·Vᵀ.
  const scaled = new Float32Array(items * passed)
  for (let item = 0; item < items; item++) {
    const root = ideal * Math.sqrt(degrees[item]!)
    for (let factor = 0; factor < passed; factor++) {
      scaled[item * passed + factor] = root * vectors.values[item * k + factor]!
    }
  }
  const left = { rows: items, columns: passed, values: scaled }
  const mixed = await multiply(left, vectors, { transposeA: true })
  for (let row = 0; row < passed; row++) {
    for (let factor = 0; factor < k; factor++) {
      mixed.values[row * k + factor]! *= sharpened(squares[factor]!, sharpening) - tail
    }
  }
  const lower = right.subarray(bent * items)
  await multiply(mixed, vectors, { transposeB: true, out: lower })
  for (let factor = 0; factor < passed; factor++) {
    for (let item = 0; item < items; item++) lower[factor * items + item]! += tail * scaled[item * passed + factor]!
  }
  return filter
}
