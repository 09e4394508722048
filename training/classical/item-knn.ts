import type { Interactions } from '../datasets/interactions.ts'
import { occurrencesByItem } from './item-users.ts'
import type { NeighbourLists, Recommender } from './recommender.ts'
import { addRow, buildSparseMatrix, neighbourLists, type SparseMatrix } from './sparse-matrix.ts'

export interface ItemKnnOptions {
  /** Neighbours kept for each item. */
  readonly k: number
}

export interface ItemKnn extends Recommender {
  /** The most similar items of each, by cosine; k may differ from the one that scores. */
  neighbourLists(k: number): NeighbourLists
}

/**
 * Items liked by the same users: cosine(i, j) = |users of both| / √(|users of i|·|users of j|), the k nearest N(j) kept for each item;
 * score(j) = Σ over the history's items in N(j) of cosine(i, j) (Sarwar et al. 2001, eq. 2 without the norm).
 */
export function fitItemKnn(interactions: Interactions, options: ItemKnnOptions): ItemKnn {
  const { offsets, itemIndices, items } = interactions
  const byItem = occurrencesByItem(interactions)
  const count = (item: number): number => byItem.offsets[item + 1]! - byItem.offsets[item]!
  const cosine = buildSparseMatrix(items.length, (item, sums, touched) => {
    let found = 0
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const user = byItem.users[at]!
      for (let position = offsets[user]!; position < offsets[user + 1]!; position++) {
        const other = itemIndices[position]!
        if (other === item) continue
        if (sums[other] === 0) touched[found++] = other
        sums[other]! += 1
      }
    }
    for (let i = 0; i < found; i++) sums[touched[i]!]! /= Math.sqrt(count(item) * count(touched[i]!))
    return found
  })
  const nearest = neighbourLists(cosine, options.k)
  const neighbourOf = invert(nearest, items.length)
  return {
    name: 'item-knn',
    neighbourLists: (k) => neighbourLists(cosine, k),
    score(_user, history, scores) {
      scores.fill(0)
      for (const item of history) addRow(neighbourOf, item, 1, scores)
    },
  }
}

/** Row i lists the items j that have i among their neighbours. */
function invert({ k, items, scores }: NeighbourLists, size: number): SparseMatrix {
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
