import type { Interactions } from '../datasets/interactions.ts'
import { occurrencesByItem } from './item-users.ts'
import type { NeighbourLists, Recommender } from './recommender.ts'
import { addRow, buildSparseMatrix, neighbourLists } from './sparse-matrix.ts'

export interface NextItemOptions {
  /** How many steps ahead still count as following. */
  readonly window: number
  /** How much popular followers are damped: 0 not at all, 1 fully. */
  readonly popularityDamping: number
  /** Weight of the k-th last item of the history relative to the one after it. */
  readonly decay: number
  /** Items of the history that count, from the newest back. */
  readonly lastItems: number
}

export interface NextItem extends Recommender {
  /** What follows each item, by weight. */
  neighbourLists(k: number): NeighbourLists
}

/**
 * What follows what, first order: T[i, j] = Σ 1/distance over i → j within `window` steps, divided by √(n_i + 1)·(n_j + 1)^damping;
 * score(j) = Σ_k decay^(k−1)·T[k-th last item, j]. No paper: co-occurrence counts with direction and distance.
 */
export function fitNextItem(interactions: Interactions, options: NextItemOptions): NextItem {
  const { offsets, itemIndices, items } = interactions
  const byItem = occurrencesByItem(interactions)
  const count = (item: number): number => byItem.offsets[item + 1]! - byItem.offsets[item]!
  const damping = Float64Array.from(items, (_, item) => (count(item) + 1) ** options.popularityDamping)
  const follows = buildSparseMatrix(items.length, (item, sums, touched) => {
    let found = 0
    for (let at = byItem.offsets[item]!; at < byItem.offsets[item + 1]!; at++) {
      const position = byItem.positions[at]!
      const end = Math.min(offsets[byItem.users[at]! + 1]!, position + options.window + 1)
      for (let next = position + 1; next < end; next++) {
        const follower = itemIndices[next]!
        if (follower === item) continue
        if (sums[follower] === 0) touched[found++] = follower
        sums[follower]! += 1 / (next - position)
      }
    }
    const own = Math.sqrt(count(item) + 1)
    for (let i = 0; i < found; i++) sums[touched[i]!]! /= own * damping[touched[i]!]!
    return found
  })
  return {
    name: 'next-item',
    neighbourLists: (k) => neighbourLists(follows, k),
    score(_user, history, scores) {
      scores.fill(0)
      let weight = 1
      for (let i = history.length - 1; i >= Math.max(0, history.length - options.lastItems); i--) {
        addRow(follows, history[i]!, weight, scores)
        weight *= options.decay
      }
    },
  }
}

/** Chosen on ml-100k's validation part; ml1m prefers { window: 5, popularityDamping: 0.3, decay: 0.7 }. */
export const defaultNextItem: NextItemOptions = { window: 20, popularityDamping: 0.5, decay: 0.85, lastItems: 50 }
