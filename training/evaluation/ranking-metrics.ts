import type { ItemIndex } from '../datasets/interactions.ts'
import { ndcg } from './ndcg.ts'

/** One number for one user's ranked list; NaN when nothing is held out. */
type RankingMetric = (ranked: ArrayLike<ItemIndex>, relevant: ReadonlySet<ItemIndex>, k: number) => number

function hitsWithin(ranked: ArrayLike<ItemIndex>, relevant: ReadonlySet<ItemIndex>, k: number): number {
  let hits = 0
  for (let r = 0; r < Math.min(k, ranked.length); r++) if (relevant.has(ranked[r]!)) hits++
  return hits
}

/** Share of the held-out items found in the first k: hits / |relevant|. */
export const recall: RankingMetric = (ranked, relevant, k) => hitsWithin(ranked, relevant, k) / relevant.size

/** Share of the first k that is held out: hits / k. */
export const precision: RankingMetric = (ranked, relevant, k) =>
  relevant.size === 0 ? Number.NaN : hitsWithin(ranked, relevant, k) / k

/** 1 when the first k hold at least one held-out item, else 0. */
export const hitRate: RankingMetric = (ranked, relevant, k) =>
  relevant.size === 0 ? Number.NaN : Math.min(1, hitsWithin(ranked, relevant, k))

/** 1 / rank of the first held-out item within the first k; 0 when there is none. Its mean is MRR@k. */
export const reciprocalRank: RankingMetric = (ranked, relevant, k) => {
  if (relevant.size === 0) return Number.NaN
  for (let r = 0; r < Math.min(k, ranked.length); r++) if (relevant.has(ranked[r]!)) return 1 / (r + 1)
  return 0
}

/**
 * Average precision: the mean over the held-out items of the precision at their place, 0 for those not within the first k. Its mean is MAP@k.
 *
 * AP@k = Σ_{r=1..k} rel_r · precision@r ÷ min(k, |relevant|) (Manning, Raghavan & Schütze 2008, eq. 8.8, cut off at k).
 */
export const averagePrecision: RankingMetric = (ranked, relevant, k) => {
  let hits = 0
  let sum = 0
  for (let r = 0; r < Math.min(k, ranked.length); r++) if (relevant.has(ranked[r]!)) sum += ++hits / (r + 1)
  return sum / Math.min(k, relevant.size)
}

/** The metrics by the name that flags and reports use before `@k`. */
export const rankingMetrics: Readonly<Record<string, RankingMetric>> = {
  ndcg,
  recall,
  precision,
  'hit-rate': hitRate,
  mrr: reciprocalRank,
  map: averagePrecision,
}
