import type { Catalogue } from './catalogue.ts'
import { TopK } from './top-k.ts'

/** Taken off per content of the same creator, or category, already in the list; scores are standardised, so 1 is one deviation. */
const creatorPenalty = 0.4
const categoryPenalty = 0.05
/** Added for a content published just now; halves every week. */
const freshnessBonus = 0.2
const freshnessHalfLifeSeconds = 7 * 86_400
const mostHalfLives = 900
/** Candidates per place in the list that are looked at: deeper ones never make up for their score. */
const poolPerPlace = 5

/**
 * Picks the list one by one: the best score after a bonus for freshness and a malus for what the list already holds of the same
 * creator and category. At most a fifth of the list (never less than two) is of one creator, unless nothing else is left.
 *
 * @param items  catalogue indices of the candidates
 * @param scores `[items]`, standardised
 * @param now    seconds since 1970, UTC
 * @returns positions in `items`, best first, at most `limit`
 */
export function reRank(
  items: Int32Array,
  scores: Float32Array,
  limit: number,
  catalogue: Catalogue,
  now: number,
): number[] {
  const fresh = new Float32Array(scores.length)
  const pool = new TopK(Math.max(limit * poolPerPlace, 50))
  const growth = growthOf(catalogue)
  const decay = 2 ** (-(now - catalogue.asOf) / freshnessHalfLifeSeconds)
  for (let i = 0; i < fresh.length; i++) {
    fresh[i] = scores[i]! + freshnessBonus * Math.min(1, growth[items[i]!]! * decay)
    pool.offer(i, fresh[i]!)
  }
  const cap = Math.max(2, Math.ceil(limit / 5))
  const chosen: number[] = []
  const left = [...pool.drain()]
  const perCreator = new Map<number, number>()
  const perCategory = new Map<number, number>()
  const place = (at: number): void => {
    const position = left.splice(at, 1)[0]!
    chosen.push(position)
    count(perCreator, catalogue.creator[items[position]!]!)
    count(perCategory, catalogue.category[items[position]!]!)
  }
  while (chosen.length < limit && left.length > 0) {
    let best = -1
    let bestScore = Number.NEGATIVE_INFINITY
    for (let at = 0; at < left.length; at++) {
      const position = left[at]!
      // The pool is in falling order and penalties only take away: nothing further down can win.
      if (fresh[position]! <= bestScore) break
      const ofCreator = perCreator.get(catalogue.creator[items[position]!]!) ?? 0
      if (ofCreator >= cap) continue
      const ofCategory = perCategory.get(catalogue.category[items[position]!]!) ?? 0
      const score = fresh[position]! - creatorPenalty * ofCreator - categoryPenalty * ofCategory
      if (score > bestScore) {
        best = at
        bestScore = score
      }
    }
    place(Math.max(best, 0))
  }
  return chosen
}

const growths = new WeakMap<Catalogue, Float64Array>()

/**
 * 2^((published − t₀)/half-life) of each content, with t₀ the catalogue's moment: computed once, as a power for each candidate is a
 * third of the time of this file. Times 2^(−(now − t₀)/half-life) it is the freshness now; above 1 it is not published yet.
 */
function growthOf(catalogue: Catalogue): Float64Array {
  let growth = growths.get(catalogue)
  if (growth === undefined) {
    // Bounded, so that it is a number whatever the dates are: 2^±900 times any decay still is one.
    growth = catalogue.publishedAt.map(
      (at) => 2 ** Math.max(-mostHalfLives, Math.min((at - catalogue.asOf) / freshnessHalfLifeSeconds, mostHalfLives)),
    )
    growths.set(catalogue, growth)
  }
  return growth
}

/** Contents without a creator or category (code −1) are not alike for that. */
function count(counts: Map<number, number>, code: number): void {
  if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1)
}
