import type { ItemIndex } from '../datasets/interactions.ts'
import type { ItemPopularity } from './item-popularity.ts'
import { mean } from './mean.ts'

/**
 * How surprising a list's items are: the mean self-information −log₂ p(i), p(i) = users of i ÷ all users (Zhou et al. 2010; Castells,
 * Hurley & Vargas 2015, eq. 26.4).
 *
 * An item that nobody had counts as one that one user had.
 *
 * @returns bits, ≥ 0; NaN for an empty list
 */
export function novelty(list: Int32Array, { counts, userCount }: ItemPopularity): number {
  return mean(Float64Array.from(list, (item) => Math.log2(userCount / Math.max(1, counts[item]!))))
}

/**
 * How much more popular a list is than what its user likes: mean percentile of popularity of the list − that of the history (after the
 * group average popularity of Abdollahpouri et al. 2019, by percentiles, so that one hit does not decide).
 *
 * @returns in (−1, 1): 0 is as popular as their taste, more is a bias to the popular; NaN for an empty list or history
 */
export function popularityLift(list: Int32Array, history: Int32Array, { percentiles }: ItemPopularity): number {
  const level = (items: Int32Array): number => mean(Float64Array.from(items, (item) => percentiles[item]!))
  return level(list) - level(history)
}

/**
 * Relevant and unexpected: the share of the held-out items that the list finds and popularity's list, as long, does not (Ge, Delgado-Battenfeld
 * & Jannach 2010, with popularity as the primitive model; divided by what is held out, as recall is, and not by the length of the list).
 *
 * @param popular popularity's list for this user
 * @returns a number in [0, recall]; NaN when nothing is held out
 */
export function serendipity(
  list: Int32Array,
  relevant: ReadonlySet<ItemIndex>,
  popular: ReadonlySet<ItemIndex>,
): number {
  let found = 0
  for (const item of list) if (relevant.has(item) && !popular.has(item)) found++
  return found / relevant.size
}

/** `[items]`: in how many of the lists each item is. */
export function exposures(lists: readonly Int32Array[], itemCount: number): Int32Array {
  const counts = new Int32Array(itemCount)
  for (const list of lists) for (const item of list) counts[item]!++
  return counts
}

/** The share of the catalogue that is in anyone's list (Ge et al. 2010). */
export const coverage = (counts: Int32Array): number => counts.filter((count) => count > 0).length / counts.length

/**
 * How unequally the lists' places are given to the items: the Gini index Σᵢ (2i − n − 1)·xᵢ ÷ (n·Σ x), x ascending (Castells, Hurley & Vargas
 * 2015, eq. 26.12, over n instead of n − 1).
 *
 * @returns 0 when all items are shown alike, (n − 1)/n when one has every place; NaN when there are none
 */
export function gini(counts: Int32Array): number {
  let weighted = 0
  let sum = 0
  for (const [i, count] of counts.toSorted().entries()) {
    weighted += (2 * (i + 1) - counts.length - 1) * count
    sum += count
  }
  return weighted / (counts.length * sum)
}
