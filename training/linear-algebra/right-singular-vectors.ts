import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix'
import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import type { Random } from '../backend/random.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { transpose } from '../classical/user-item-matrix.ts'
import { orthonormalise } from './orthonormalise.ts'
import { sparseTimesDense } from './sparse-times-dense.ts'

/** Vectors beyond those asked for, so that the last of these converge too. */
const oversampling = 16
/** Singular values below this share of the greatest are rounding. */
const leastShare = 1e-3

export interface RightSingularVectors {
  /** `[columns, k]` orthonormal columns, by falling singular value. */
  readonly vectors: Matrix
  /** `[k]` squared singular values: eigenvalues of XᵀX. */
  readonly squares: Float64Array
}

/**
 * The first right singular vectors of a sparse matrix by randomised subspace iteration (Halko, Martinsson & Tropp 2011, alg. 4.4 and 5.1).
 *
 * @param x       `[rows, columnCount]`
 * @param factors how many, at most; fewer come back when the rank of X is less
 * @param rounds  products with XᵀX; three make errors of a per cent in the smallest vectors, of nothing in the first
 * @throws the signal's reason between rounds
 */
export async function rightSingularVectors(
  x: SparseMatrix,
  columnCount: number,
  factors: number,
  rounds: number,
  random: Random,
  signal: AbortSignal,
): Promise<RightSingularVectors> {
  const width = Math.min(factors + oversampling, columnCount, x.offsets.length - 1)
  const transposed = transpose(x, columnCount)
  let basis: Matrix = {
    rows: columnCount,
    columns: width,
    values: Float32Array.from({ length: columnCount * width }, () => random.normal()),
  }
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted()
    basis = await orthonormalise(sparseTimesDense(transposed, sparseTimesDense(x, basis)))
  }
  const image = sparseTimesDense(x, basis)
  const { values } = await multiply(image, image, { transposeA: true })
  const rows = Array.from({ length: width }, (_, i) => values.subarray(i * width, (i + 1) * width))
  const small = new EigenvalueDecomposition(new SmallMatrix(rows), { assumeSymmetric: true })
  const order = [...small.realEigenvalues.keys()].sort((a, b) => small.realEigenvalues[b]! - small.realEigenvalues[a]!)
  const least = leastShare ** 2 * Math.max(0, small.realEigenvalues[order[0]!] ?? 0)
  const kept = order.slice(0, factors).filter((i) => small.realEigenvalues[i]! > least)
  const rotation = new Float32Array(width * kept.length)
  for (let i = 0; i < width; i++) {
    for (const [to, from] of kept.entries()) rotation[i * kept.length + to] = small.eigenvectorMatrix.get(i, from)
  }
  return {
    vectors: await multiply(basis, { rows: width, columns: kept.length, values: rotation }),
    squares: Float64Array.from(kept, (i) => small.realEigenvalues[i]!),
  }
}
