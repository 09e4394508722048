import type { ItemIndex } from '../datasets/interactions.ts'

/**
 * Normalised discounted cumulative gain of one ranked list with binary relevance.
 *
 * NDCG@k = Σ_{r=1..k} rel_r / log2(r + 1) ÷ the same sum for an ideal list (Järvelin & Kekäläinen 2002, eq. 3).
 *
 * @param ranked   item indices, best first; `[≥ k]` or the whole list, no repeats (only the first k are read)
 * @param relevant held-out items of this user; order does not matter
 * @param k        cut-off, ≥ 1
 * @returns a number in [0, 1]; NaN when `relevant` is empty, so that averaging must decide what such a user means
 */
export function ndcg(ranked: ArrayLike<ItemIndex>, relevant: ReadonlySet<ItemIndex>, k: number): number {
  let gain = 0
  for (let r = 0; r < Math.min(k, ranked.length); r++) {
    if (relevant.has(ranked[r]!)) gain += discount(r)
  }
  return gain / idealGain(Math.min(k, relevant.size))
}

const discount = (position: number): number => 1 / Math.log2(position + 2)

function idealGain(hits: number): number {
  if (hits === 0) return Number.NaN
  let gain = 0
  for (let r = 0; r < hits; r++) gain += discount(r)
  return gain
}
