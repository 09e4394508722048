import type { Interactions } from '../datasets/interactions.ts'
import type { Recommender } from './recommender.ts'

export interface PopularityOptions {
  /** Age at which an interaction counts half, in days before the newest one; Infinity counts all alike. */
  readonly halfLifeDays: number
}

export interface Popularity extends Recommender {
  /** `[items]`: (decayed) number of interactions. */
  readonly counts: Float32Array
}

/** Everyone gets what most people liked: count(item) = Σ over its interactions of 2^(−age / half-life). */
export function fitPopularity(interactions: Interactions, options: PopularityOptions): Popularity {
  const { itemIndices, times, items } = interactions
  const counts = new Float32Array(items.length)
  const newest = times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY)
  const halfLifeSeconds = options.halfLifeDays * 86_400
  for (let i = 0; i < itemIndices.length; i++) {
    counts[itemIndices[i]!]! += 2 ** ((times[i]! - newest) / halfLifeSeconds)
  }
  return {
    name: 'popularity',
    counts,
    score(_user, _history, scores) {
      scores.set(counts)
    },
  }
}
