import type { NeighbourLists } from './recommender.ts'
import type { SparseMatrix } from './sparse-matrix.ts'

/** The first k of each list; padded with −1 where a list is shorter. */
export function truncateNeighbours(lists: NeighbourLists, k: number): NeighbourLists {
  if (k === lists.k) return lists
  const size = lists.items.length / lists.k
  const items = new Int32Array(size * k).fill(-1)
  const scores = new Float32Array(size * k)
  const width = Math.min(k, lists.k)
  for (let row = 0; row < size; row++) {
    items.set(lists.items.subarray(row * lists.k, row * lists.k + width), row * k)
    scores.set(lists.scores.subarray(row * lists.k, row * lists.k + width), row * k)
  }
  return { k, items, scores }
}

/** Row i lists the rows j that have i among their neighbours. */
export function invertNeighbours({ k, items, scores }: NeighbourLists): SparseMatrix {
  const size = items.length / k
  const offsets = new Int32Array(size + 1)
  for (const neighbour of items) if (neighbour >= 0) offsets[neighbour + 1]!++
  for (let item = 0; item < size; item++) offsets[item + 1]! += offsets[item]!
  const next = offsets.slice()
  const columns = new Int32Array(offsets[size]!)
  const values = new Float32Array(offsets[size]!)
  for (let at = 0; at < items.length; at++) {
    const neighbour = items[at]!
    if (neighbour < 0) continue
    const slot = next[neighbour]!++
    columns[slot] = Math.floor(at / k)
    values[slot] = scores[at]!
  }
  return { offsets, columns, values }
}
