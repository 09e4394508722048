import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix'
import { type Matrix, multiply } from '../backend/linear-algebra.ts'
import { KernelPool, threadsFor } from '../backend/parallel/kernel-pool.ts'
import type { Random } from '../backend/random.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { orthonormalise } from './orthonormalise.ts'
import { SparseProducts } from './sparse-products.ts'

/** Vectors beyond those asked for, so that the last of these converge too. */
const oversampling = 16
/** Products after which the end of the spectrum is known well enough. */
const plainRounds = 2
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
 * Once two products have shown where the spectrum is cut, the others are spent on a Chebyshev polynomial that is small below the cut and
 * steep above it (Zhou & Saad 2007): where the spectrum is flat, many times as exact as powers.
 *
 * @param x       `[rows, columnCount]`
 * @param factors how many, at most; fewer come back when the rank of X is less
 * @param rounds  products with XᵀX; two make errors of a tenth in the smallest of a flat spectrum, six of a per cent
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
    for (let round = 0; round < Math.min(rounds, plainRounds); round++) {
      signal.throwIfAborted()
      basis = await orthonormalise(await products.applyBoth(basis))
    }
    const rough = await rotate(basis, await products.apply(basis), wanted)
    // A rank below the width leaves nothing to separate.
    if (rounds <= plainRounds || rough.squares.length < wanted) return firstOf(rough, factors)
    const cut = rough.squares.at(-1)!
    const most = degreeWithin(rough.squares[0]! / cut)
    basis = firstColumns(rough.vectors, width)
    for (let left = rounds - plainRounds; left > 0; left -= most) {
      basis = await orthonormalise(await chebyshev(products, basis, cut, Math.min(left, most), signal))
    }
    return await rotate(basis, await products.apply(basis), factors)
  } finally {
    await pool.close()
  }
}

/** Degree of the polynomial that grows to 10⁵ at the greatest eigenvalue: with more, its vector's rounding errors would hide the others. */
const degreeWithin = (greatestByCut: number): number =>
  Math.max(1, Math.floor(Math.acosh(1e5) / Math.acosh(Math.max(1.1, 2 * greatestByCut - 1))))

/**
 * T_degree((2·XᵀX − a·I) / a)·basis by its recurrence, columns scaled to length 1: eigenvalues from 0 to a stay within [−1, 1], those above grow.
 *
 * @param basis Ritz vectors: with others the first would drown the last in float32
 */
async function chebyshev(
  products: SparseProducts,
  basis: Matrix,
  cut: number,
  degree: number,
  signal: AbortSignal,
): Promise<Matrix> {
  let before = basis.values
  let { values } = await products.applyBoth(basis)
  for (let i = 0; i < values.length; i++) values[i] = (2 / cut) * values[i]! - before[i]!
  for (let round = 1; round < degree; round++) {
    signal.throwIfAborted()
    const { values: next } = await products.applyBoth({ ...basis, values })
    for (let i = 0; i < next.length; i++) next[i] = (4 / cut) * next[i]! - 2 * values[i]! - before[i]!
    before = values
    values = next
  }
  return { ...basis, values: unitColumns(values, basis.columns) }
}

/** Scales each column to length 1, in place; one of zeros stays. */
function unitColumns(values: Float32Array, width: number): Float32Array {
  const squares = new Float64Array(width)
  for (let i = 0; i < values.length; i += width) {
    for (let column = 0; column < width; column++) squares[column]! += values[i + column]! ** 2
  }
  const scale = squares.map((square) => (square === 0 ? 0 : 1 / Math.sqrt(square)))
  for (let i = 0; i < values.length; i += width) {
    for (let column = 0; column < width; column++) values[i + column]! *= scale[column]!
  }
  return values
}

const firstOf = ({ vectors, squares }: RightSingularVectors, count: number): RightSingularVectors =>
  squares.length <= count
    ? { vectors, squares }
    : { vectors: firstColumns(vectors, count), squares: squares.slice(0, count) }

/** The first `count` columns; zeros where there are fewer. */
function firstColumns({ rows, columns, values }: Matrix, count: number): Matrix {
  if (columns === count) return { rows, columns, values }
  const first = new Float32Array(rows * count)
  const kept = Math.min(columns, count)
  for (let row = 0; row < rows; row++) first.set(values.subarray(row * columns, row * columns + kept), row * count)
  return { rows, columns: count, values: first }
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
