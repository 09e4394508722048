import type { NeighbourLists } from '../classical/recommender.ts'
import { topItems } from '../classical/top-items.ts'

/**
 * The k weights of each row that are greatest in size, whatever their sign: what a dense matrix is served as.
 *
 * @param weights `[rows, columns]` row-major
 * @returns lists of min(k, columns) entries, the greatest in size first; weights of 0 are left out
 */
export const strongestWeights = (weights: Float32Array, columns: number, k: number): NeighbourLists =>
  strongestOfRows(weights.length / columns, (row) => weights.subarray(row * columns, (row + 1) * columns), k)

/** The same of a matrix whose rows are made when they are asked for; none is read after the next is made. */
export function strongestOfRows(rows: number, rowOf: (row: number) => Float32Array, k: number): NeighbourLists {
  const width = Math.min(k, rows === 0 ? 0 : rowOf(0).length)
  const items = new Int32Array(rows * width).fill(-1)
  const scores = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const values = rowOf(row)
    const best = topItems(values.map(Math.abs), width)
    for (const [position, item] of best.entries()) {
      if (values[item] === 0) break
      items[row * width + position] = item
      scores[row * width + position] = values[item]!
    }
  }
  return { k: width, items, scores }
}
