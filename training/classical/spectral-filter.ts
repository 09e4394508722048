import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import type { RightSingularVectors } from '../linear-algebra/right-singular-vectors.ts'
import type { LowRankWeights } from './low-rank-scores.ts'

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
  /** `left` and `right` of filters with so many vectors of either kind. */
  readonly basis: (bent: number, passed: number) => Basis
}

/**
 * The filter of a history r as r·(tail·P̃ + left·mixing·rightᵀ) with left = [V_b, D^(−½)·V_i] and right = [V_b, D^½·V_i]: the neighbourhood
 * itself, and what the first eigenvectors add to it. V_b are those that sharpening bends, V_i those that the ideal low-pass lets through; each
 * is left out where there is none of it.
 */
export interface SpectralFilter extends LowRankWeights {
  /** What the neighbourhood part is multiplied by. */
  readonly tail: number
}

/**
 * Eigenvectors that sharpening bends one by one: of 256 instead of even 96, NDCG@20 gained half a hundredth of itself on one synthetic
 * graph, and nothing on another and on MovieLens-1M.
 */
const mostBent = 128

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
  const basis = basesOf(vectors, degrees)
  const rooted = basis(0, vectors.columns).right
  return { vectors, squares, degrees, basis, mixed: await multiply(rooted, vectors, { transposeA: true }) }
}

/**
 * Bends the spectrum: with φ what sharpening leaves, the neighbourhood's λ becomes λ·φ(λ), and the ideal low-pass gets φ(λ) too.
 *
 * Exact for the first eigenvectors: φ(P̃) = tail·I + V·(φ(λ) − tail)·Vᵀ. The others, of smaller eigenvalues, all get the φ of the middle of
 * what is left, which saves four products of the whole matrix for every user.
 */
export function spectralFilter(
  spectrum: Spectrum,
  { ideal, idealFactors, sharpening }: FilterSettings,
): SpectralFilter {
  const { vectors, squares, mixed } = spectrum
  const k = vectors.columns
  const passed = ideal === 0 ? 0 : Math.min(idealFactors, k)
  // Without sharpening nothing is left to add to the neighbourhood's own eigenvalues.
  const bent = sharpening === 0 ? 0 : Math.min(mostBent, k)
  const tail = sharpened((squares[bent - 1] ?? 0) / 2, sharpening)
  const size = bent + passed
  const mixing = new Float32Array(size * size)
  for (let factor = 0; factor < bent; factor++) {
    const more = sharpened(squares[factor]!, sharpening) - tail
    mixing[factor * size + factor] = squares[factor]! * more
    // V_i·V_iᵀ·D^½·V·(φ(λ) − tail)
    for (let i = 0; i < passed; i++) mixing[(bent + i) * size + factor] = ideal * mixed.values[i * k + factor]! * more
  }
  for (let i = bent; i < size; i++) mixing[i * size + i] = ideal * tail
  return { tail, mixing: { rows: size, columns: size, values: mixing }, ...spectrum.basis(bent, passed) }
}

type Basis = Pick<LowRankWeights, 'left' | 'right'>

/** Both sides of filters; the last ones are kept, as settings that are tried one after the other mostly share them. */
function basesOf(vectors: Matrix, degrees: Float64Array): Spectrum['basis'] {
  const roots = degrees.map(Math.sqrt)
  const inverseRoots = roots.map((root) => (root === 0 ? 0 : 1 / root))
  let kept: { readonly bent: number; readonly passed: number; readonly basis: Basis } | undefined
  return (bent, passed) => {
    if (kept?.bent !== bent || kept.passed !== passed) {
      const [left, right] = [inverseRoots, roots].map((weights) => beside(vectors, bent, weights, passed))
      kept = { bent, passed, basis: { left: left!, right: right! } }
    }
    return kept.basis
  }
}

/** The first `bent` columns as they are, then the first `passed` of them with rows times `weights`. */
function beside({ rows, columns: from, values }: Matrix, bent: number, weights: Float64Array, passed: number): Matrix {
  const columns = bent + passed
  const both = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const weight = weights[row]!
    const start = row * columns
    for (let i = 0; i < bent; i++) both[start + i] = values[row * from + i]!
    for (let i = 0; i < passed; i++) both[start + bent + i] = weight * values[row * from + i]!
  }
  return { rows, columns, values: both }
}
