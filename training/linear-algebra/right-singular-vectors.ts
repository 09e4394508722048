import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix'
import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import { KernelPool, threadsFor } from '../backend/parallel/kernel-pool.ts'
import type { Random } from '../backend/random.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { orthonormalise, orthonormaliseRoughly } from './orthonormalise.ts'
import { SparseProducts } from './sparse-products.ts'

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
  const wanted = Math.min(factors + oversampling, columnCount, x.offsets.length - 1)
  // The kernels take sixteen columns at a time; those that are too many are zeros, and stay so.
  const width = Math.ceil(wanted / 16) * 16
  const operations = 4 * rounds * width * x.values.length
  const pool = KernelPool.open({ threads: threadsFor(operations), scratchBytes: 64 })
  try {
    const products = new SparseProducts(pool, x, columnCount, width)
    let basis: Matrix = { rows: columnCount, columns: width, values: randomColumns(columnCount, width, wanted, random) }
    for (let round = 1; round <= rounds; round++) {
      signal.throwIfAborted()
      const powered = await products.applyBoth(basis)
      basis = round === rounds ? await orthonormalise(powered) : await orthonormaliseRoughly(powered)
    }
    return await rotate(basis, await products.apply(basis), factors)
  } finally {
    await pool.close()
  }
}

/** Even, not normal, numbers: what matters is that they favour no direction by much. */
function randomColumns(rows: number, width: number, filled: number, random: Random): Float32Array {
  const values = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < filled; column++) values[row * width + column] = random.uniform() - 0.5
  }
  return values
}

/** Turns the basis into singular vectors: by the eigenvectors of its image's Gram matrix. */
async function rotate(basis: Matrix, image: Matrix, factors: number): Promise<RightSingularVectors> {
  const width = basis.columns
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
