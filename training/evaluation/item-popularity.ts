import { occurrencesByItem } from '../classical/item-users.ts'
import type { Interactions, ItemIndex } from '../datasets/interactions.ts'
import { ranks } from './ranks.ts'

/** How popular each item is in what was learned from. */
export interface ItemPopularity {
  /** Users with any interaction. */
  readonly userCount: number
  /** `[items]`: users who had it. */
  readonly counts: Int32Array
  /** `[items]`: share of the catalogue that is less popular, equals counting half; in (0, 1). */
  readonly percentiles: Float64Array
  /** `[items]`: the most popular first, the lower index first among equals. */
  readonly order: Int32Array
  /** The users of an item, ascending, no repeats. */
  usersOf(item: ItemIndex): Int32Array
}

export function itemPopularity(fitted: Interactions): ItemPopularity {
  const { offsets, users } = occurrencesByItem(fitted)
  const starts = new Int32Array(fitted.items.length)
  const counts = new Int32Array(fitted.items.length)
  // Within an item the users ascend: a repeat follows at once.
  let kept = 0
  for (let item = 0; item < counts.length; item++) {
    starts[item] = kept
    for (let at = offsets[item]!; at < offsets[item + 1]!; at++) {
      if (kept > starts[item]! && users[kept - 1] === users[at]) continue
      users[kept++] = users[at]!
    }
    counts[item] = kept - starts[item]!
  }
  let userCount = 0
  for (let user = 0; user < fitted.users.length; user++) {
    if (fitted.offsets[user + 1]! > fitted.offsets[user]!) userCount++
  }
  return {
    userCount,
    counts,
    percentiles: ranks(counts).map((rank) => (rank - 0.5) / counts.length),
    order: Int32Array.from(counts, (_, item) => item).sort((a, b) => counts[b]! - counts[a]! || a - b),
    usersOf: (item) => users.subarray(starts[item]!, starts[item]! + counts[item]!),
  }
}

/** The k most popular items that are not in the history: what a user would get without any personalisation. */
export function mostPopularUnseen({ order }: ItemPopularity, history: Int32Array, k: number): Set<ItemIndex> {
  const seen = new Set(history)
  const found = new Set<ItemIndex>()
  for (let at = 0; at < order.length && found.size < k; at++) if (!seen.has(order[at]!)) found.add(order[at]!)
  return found
}
