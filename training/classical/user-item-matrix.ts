import type { Interactions } from '../datasets/interactions.ts'
import type { SparseMatrix } from './sparse-matrix.ts'

/**
 * The interactions as a sparse matrix users × items: an item that a user had repeatedly counts once, with its newest weight; one of weight
 * 0 is left out.
 *
 * @returns the columns of each row in the order of their first appearance
 */
export function userItemMatrix({ users, items, offsets, itemIndices, weights }: Interactions): SparseMatrix {
  const rowOffsets = new Int32Array(users.length + 1)
  const columns = new Int32Array(itemIndices.length)
  const values = new Float32Array(itemIndices.length)
  const lastUser = new Int32Array(items.length).fill(-1)
  const slotOf = new Int32Array(items.length)
  let filled = 0
  for (let user = 0; user < users.length; user++) {
    const from = filled
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
      const item = itemIndices[at]!
      if (lastUser[item] !== user) {
        lastUser[item] = user
        slotOf[item] = filled++
      }
      columns[slotOf[item]!] = item
      values[slotOf[item]!] = weights?.[at] ?? 1
    }
    let kept = from
    for (let slot = from; slot < filled; slot++) {
      if (values[slot] === 0) continue
      columns[kept] = columns[slot]!
      values[kept++] = values[slot]!
    }
    filled = kept
    rowOffsets[user + 1] = filled
  }
  return { offsets: rowOffsets, columns: columns.slice(0, filled), values: values.slice(0, filled) }
}

/** The same weights by column: row j of the result lists the rows of `matrix` that have j, ascending (counting sort). */
export function transpose({ offsets, columns, values }: SparseMatrix, columnCount: number): SparseMatrix {
  const starts = new Int32Array(columnCount + 1)
  for (const column of columns) starts[column + 1]!++
  for (let column = 0; column < columnCount; column++) starts[column + 1]! += starts[column]!
  const next = starts.slice()
  const rows = new Int32Array(columns.length)
  const transposed = new Float32Array(columns.length)
  for (let row = 0; row < offsets.length - 1; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const slot = next[columns[at]!]!++
      rows[slot] = row
      transposed[slot] = values[at]!
    }
  }
  return { offsets: starts, columns: rows, values: transposed }
}
