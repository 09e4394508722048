import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import { factorDiagonalBlock } from './diagonal-block.ts'

/** Share of the greatest squared length that is added to each: what depends on other columns is scaled down instead of dividing by 0. */
const shift = 1e-6

/**
 * Orthonormal columns that span what the given ones do: Q·R = A by Cholesky's factor of AᵀA, twice, as once is not exact in float32
 * (Yamamoto et al. 2015; the shift is of Fukaya et al. 2020).
 *
 * @param a `[n, k]`, n ≥ k
 * @returns `[n, k]`; columns that depend on the others come out short, near 0
 */
export async function orthonormalise(a: Matrix): Promise<Matrix> {
  return orthonormaliseOnce(await orthonormaliseOnce(a))
}

async function orthonormaliseOnce(a: Matrix): Promise<Matrix> {
  const size = a.columns
  const gram = (await multiply(a, a, { transposeA: true })).values
  let longest = Number.MIN_VALUE
  for (let i = 0; i < size; i++) longest = Math.max(longest, gram[i * size + i]!)
  for (let i = 0; i < size; i++) gram[i * size + i]! += shift * longest
  // Positive definite by the shift; a matrix of zeros, whose shift vanishes too, is its own answer.
  const block = factorDiagonalBlock(gram, size)
  return block === undefined ? a : multiply(a, block.inverse, { transposeB: true })
}
