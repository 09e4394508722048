import type { Matrix } from '../backend/linear-algebra.ts'
import { KernelPool, type Shared, threadsFor } from '../backend/parallel/kernel-pool.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { transpose } from '../classical/user-item-matrix.ts'

/**
 * XᵀX of a sparse X `[users, items]`, on every core: one addition for each pair within a row, far fewer than a dense product takes.
 *
 * @returns `[items, items]`; the lower triangle with the diagonal, zeros above it
 */
export async function gramMatrix(x: SparseMatrix, itemCount: number): Promise<Matrix> {
  // Twice transposed, the columns of each row ascend.
  const { offsets, columns, values } = transpose(transpose(x, itemCount), x.offsets.length - 1)
  const pool = KernelPool.open({ threads: threadsFor(pairCount(offsets)), scratchBytes: 64 })
  try {
    const copy = <A extends Int32Array | Float32Array>(to: Shared<A>, from: A): number => {
      to.values.set(from)
      return to.at
    }
    const byColumn = entriesByColumn({ offsets, columns, values }, itemCount)
    const sums = pool.float32(itemCount * itemCount)
    await pool.run({
      kernel: 'gramRows',
      count: itemCount,
      chunk: 16,
      args: [
        copy(pool.int32(columns.length), columns),
        values.every((value) => value === 1) ? 0 : copy(pool.float32(values.length), values),
        copy(pool.int32(itemCount + 1), byColumn.starts),
        copy(pool.int32(columns.length), byColumn.places),
        copy(pool.int32(columns.length), byColumn.firsts),
        sums.at,
        itemCount,
      ],
    })
    return { rows: itemCount, columns: itemCount, values: sums.values.slice() }
  } finally {
    await pool.close()
  }
}

/** Additions for all pairs. */
function pairCount(offsets: Int32Array): number {
  let pairs = 0
  for (let row = 1; row < offsets.length; row++) pairs += (offsets[row]! - offsets[row - 1]!) ** 2 / 2
  return pairs
}

/** Of the entries of each column, in the order of rows: where they stand in the matrix, and where their rows start. */
function entriesByColumn(
  { offsets, columns }: SparseMatrix,
  columnCount: number,
): { starts: Int32Array; places: Int32Array; firsts: Int32Array } {
  const starts = new Int32Array(columnCount + 1)
  for (const column of columns) starts[column + 1]!++
  for (let column = 0; column < columnCount; column++) starts[column + 1]! += starts[column]!
  const next = starts.slice()
  const places = new Int32Array(columns.length)
  const firsts = new Int32Array(columns.length)
  for (let row = 0; row < offsets.length - 1; row++) {
    for (let place = offsets[row]!; place < offsets[row + 1]!; place++) {
      const to = next[columns[place]!]!++
      places[to] = place
      firsts[to] = offsets[row]!
    }
  }
  return { starts, places, firsts }
}
