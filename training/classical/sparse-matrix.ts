import type { RankedItems } from '../families/family.ts'
import type { NeighbourLists } from './recommender.ts'
import { topItems } from './top-items.ts'

/** Item × item weights, compressed by row (CSR); what is not stored is 0. */
export interface SparseMatrix {
  /** `[rows + 1]` */
  readonly offsets: Int32Array
  readonly columns: Int32Array
  readonly values: Float32Array
}

/**
 * Builds a sparse matrix row by row from dense sums of which only a few are touched.
 *
 * @param fill adds to `sums` (all 0 at the call) and returns the columns it touched: the first `count` of `touched`
 */
export function buildSparseMatrix(
  size: number,
  fill: (row: number, sums: Float64Array, touched: Int32Array) => number,
): SparseMatrix {
  const sums = new Float64Array(size)
  const touched = new Int32Array(size)
  const offsets = new Int32Array(size + 1)
  let columns = new Int32Array(1024)
  let values = new Float32Array(1024)
  let filled = 0
  for (let row = 0; row < size; row++) {
    const count = fill(row, sums, touched)
    if (filled + count > columns.length) {
      const length = Math.max(filled + count, columns.length * 2)
      columns = grow(columns, new Int32Array(length))
      values = grow(values, new Float32Array(length))
    }
    for (let i = 0; i < count; i++) {
      const column = touched[i]!
      columns[filled] = column
      values[filled++] = sums[column]!
      sums[column] = 0
    }
    offsets[row + 1] = filled
  }
  return { offsets, columns: columns.slice(0, filled), values: values.slice(0, filled) }
}

function grow<A extends Int32Array | Float32Array>(from: A, to: A): A {
  to.set(from)
  return to
}

/** scores += weight · matrix[row] */
export function addRow(
  { offsets, columns, values }: SparseMatrix,
  row: number,
  weight: number,
  scores: Float32Array | Float64Array,
): void {
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) scores[columns[at]!]! += weight * values[at]!
}

/** The k greatest positive weights of each row, best first, lower item first among equals. */
export function neighbourLists(matrix: SparseMatrix, k: number): NeighbourLists {
  const size = matrix.offsets.length - 1
  const items = new Int32Array(size * k).fill(-1)
  const scores = new Float32Array(size * k)
  const row = new Float32Array(size)
  for (let item = 0; item < size; item++) {
    const columns = matrix.columns.subarray(matrix.offsets[item]!, matrix.offsets[item + 1]!)
    addRow(matrix, item, 1, row)
    const best = topItems(row, k, columns.slice().sort())
    for (const [position, neighbour] of best.entries()) {
      if (row[neighbour]! <= 0) break
      items[item * k + position] = neighbour
      scores[item * k + position] = row[neighbour]!
    }
    for (const column of columns) row[column] = 0
  }
  return { k, items, scores }
}

/** The k greatest positive weights of one row, best first, the row's own item left out; lower item first among equals. */
export function rankedRow({ offsets, columns, values }: SparseMatrix, row: number, k: number): RankedItems {
  const entries = Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, i) => offsets[row]! + i)
    .filter((at) => values[at]! > 0 && columns[at]! !== row)
    .sort((a, b) => values[b]! - values[a]! || columns[a]! - columns[b]!)
    .slice(0, k)
  return {
    items: Int32Array.from(entries, (at) => columns[at]!),
    scores: Float32Array.from(entries, (at) => values[at]!),
  }
}
