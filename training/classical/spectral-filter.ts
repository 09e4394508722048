import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import type { RightSingularVectors } from '../linear-algebra/right-singular-vectors.ts'

/** How the closeness of items is bent: see `spectralFamily`. */
export interface FilterSettings {
  /** β, weight of the ideal low-pass. */
  readonly ideal: number
  /** Eigenvectors that the ideal low-pass lets through; at most all that there are. */
  readonly idealFactors: number
  /** T, time that the sharpening runs; 0 is none. */
  readonly sharpening: number
}

/** The spectrum of a graph, and what all filters of it share. */
export interface Spectrum extends RightSingularVectors {
  /** `[items]` */
  readonly degrees: Float64Array
  /** Vᵀ·D^½·V, `[k, k]` */
  readonly mixed: Matrix
}

/**
 * The filter of a history r as r·(tail·P̃ + left·mixing·rightᵀ): the neighbourhood itself, and what the first eigenvectors add to it.
 * V_i are those of them that the ideal low-pass lets through, none or more.
 */
export interface SpectralFilter {
  /** What the neighbourhood part is multiplied by. */
  readonly tail: number
  /** [V, D^(−½)·V_i], `[items, size]`; without V when there is no sharpening. */
  readonly left: Matrix
  /** `[size, size]` */
  readonly mixing: Matrix
  /** [V, D^½·V_i], `[items, size]` */
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

/** @param degrees `[items]` */
export async function spectrumOf({ vectors, squares }: RightSingularVectors, degrees: Float64Array): Promise<Spectrum> {
  const rooted = weighed(vectors, degrees.map(Math.sqrt), vectors.columns)
  return { vectors, squares, degrees, mixed: await multiply(rooted, vectors, { transposeA: true }) }
}

/**
 * Bends the spectrum: with φ what sharpening leaves, the neighbourhood's λ becomes λ·φ(λ), and the ideal low-pass gets φ(λ) too.
 *
 * Exact for the eigenvectors at hand: φ(P̃) = tail·I + V·(φ(λ) − tail)·Vᵀ. The others, of smaller eigenvalues, all get the φ of the middle of
 * what is left, which saves four products of the whole matrix for every user.
 */
export function spectralFilter(
  spectrum: Spectrum,
  { ideal, idealFactors, sharpening }: FilterSettings,
): SpectralFilter {
  const { vectors, squares, degrees, mixed } = spectrum
  const k = vectors.columns
  const passed = ideal === 0 ? 0 : Math.min(idealFactors, k)
  // Without sharpening nothing is left to add to the neighbourhood's own eigenvalues.
  const bent = sharpening === 0 ? 0 : k
  const tail = sharpened((squares.at(-1) ?? 0) / 2, sharpening)
  const size = bent + passed
  const mixing = new Float32Array(size * size)
  for (let factor = 0; factor < bent; factor++) {
    const more = sharpened(squares[factor]!, sharpening) - tail
    mixing[factor * size + factor] = squares[factor]! * more
    // V_i·V_iᵀ·D^½·V·(φ(λ) − tail)
    for (let i = 0; i < passed; i++) mixing[(bent + i) * size + factor] = ideal * mixed.values[i * k + factor]! * more
  }
  for (let i = bent; i < size; i++) mixing[i * size + i] = ideal * tail
  const first = bent === 0 ? undefined : vectors
  const roots = degrees.map(Math.sqrt)
  return {
    tail,
    left: beside(
      first,
      weighed(
        vectors,
        roots.map((root) => (root === 0 ? 0 : 1 / root)),
        passed,
      ),
    ),
    mixing: { rows: size, columns: size, values: mixing },
    right: beside(first, weighed(vectors, roots, passed)),
  }
}

/** The first `count` columns, rows times `weights`. */
function weighed({ rows, columns, values }: Matrix, weights: Float64Array, count: number): Matrix {
  const scaled = new Float32Array(rows * count)
  for (let row = 0; row < rows; row++) {
    const weight = weights[row]!
    for (let column = 0; column < count; column++)
      scaled[row * count + column] = weight * values[row * columns + column]!
  }
  return { rows, columns: count, values: scaled }
}

/** [left, right] */
function beside(left: Matrix | undefined, right: Matrix): Matrix {
  if (left === undefined) return right
  const columns = left.columns + right.columns
  const values = new Float32Array(left.rows * columns)
  for (let row = 0; row < left.rows; row++) {
    values.set(left.values.subarray(row * left.columns, (row + 1) * left.columns), row * columns)
    values.set(right.values.subarray(row * right.columns, (row + 1) * right.columns), row * columns + left.columns)
  }
  return { rows: left.rows, columns, values }
}
