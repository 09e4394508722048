import type { Matrix } from '../backend/linear-algebra.ts'
import type { SparseMatrix } from '../classical/sparse-matrix.ts'
import { transpose } from '../classical/user-item-matrix.ts'

/**
 * XᵀX of a sparse X `[users, items]`, dense: one addition for each pair within a row, far fewer than a dense product takes.
 *
 * @returns `[items, items]`, symmetric
 */
export function gramMatrix(x: SparseMatrix, itemCount: number): Matrix {
  // Twice transposed, the columns of each row ascend.
  const ordered = transpose(transpose(x, itemCount), x.offsets.length - 1)
  const { offsets, columns, values: entries } = ordered
  const { starts, places, rows } = entriesByColumn(ordered, itemCount)
  const values = new Float32Array(itemCount * itemCount)
  const sums = new Float64Array(itemCount)
  for (let item = 0; item < itemCount; item++) {
    sums.fill(0, item)
    for (let i = starts[item]!; i < starts[item + 1]!; i++) {
      const place = places[i]!
      const weight = entries[place]!
      // What comes before in the row is of lower columns: those pairs were added when it was their turn.
      for (let other = place, end = offsets[rows[i]! + 1]!; other < end; other++) {
        sums[columns[other]!]! += weight * entries[other]!
      }
    }
    values.set(sums.subarray(item), item * itemCount + item)
  }
  mirrorUpper(values, itemCount)
  return { rows: itemCount, columns: itemCount, values }
}

/** Where the entries of each column stand in the matrix, and in which rows, in the order of rows. */
function entriesByColumn(
  { offsets, columns }: SparseMatrix,
  columnCount: number,
): { starts: Int32Array; places: Int32Array; rows: Int32Array } {
  const starts = new Int32Array(columnCount + 1)
  for (const column of columns) starts[column + 1]!++
  for (let column = 0; column < columnCount; column++) starts[column + 1]! += starts[column]!
  const next = starts.slice()
  const places = new Int32Array(columns.length)
  const rows = new Int32Array(columns.length)
  for (let row = 0; row < offsets.length - 1; row++) {
    for (let place = offsets[row]!; place < offsets[row + 1]!; place++) {
      const to = next[columns[place]!]!++
      places[to] = place
      rows[to] = row
    }
  }
  return { starts, places, rows }
}

/** A tile and its mirror image stay in the cache together. */
const tile = 64

/** Copies what is above the diagonal below it. */
function mirrorUpper(values: Float32Array, size: number): void {
  for (let top = 0; top < size; top += tile) {
    for (let left = 0; left <= top; left += tile) {
      for (let row = top; row < Math.min(size, top + tile); row++) {
        for (let column = left, end = Math.min(row, left + tile); column < end; column++) {
          values[row * size + column] = values[column * size + row]!
        }
      }
    }
  }
}
