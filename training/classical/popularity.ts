import { z } from 'zod'
import type { Interactions } from '../datasets/interactions.ts'
import { exportPopularity } from '../export/popularity-onnx.ts'
import type { FittedRecommender, RecommenderFamily } from '../families/family.ts'

const configSchema = z.object({
  halfLifeDays: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('age, in days before the newest interaction, at which one counts half; null counts all alike'),
})

export interface PopularityOptions {
  /** Age at which an interaction counts half, in days before the newest one; Infinity counts all alike. */
  readonly halfLifeDays: number
}

export interface Popularity extends FittedRecommender {
  /** `[items]`: (decayed) weight of the interactions. */
  readonly counts: Float32Array
}

/** Everyone gets what most people liked: count(item) = Σ over its interactions of weight·2^(−age / half-life). */
export const popularityFamily: RecommenderFamily<z.infer<typeof configSchema>> = {
  name: 'popularity',
  description: 'What most people liked, newer interactions counting more where a half-life is set.',
  orderAware: false,
  config: configSchema,
  searchSpace: { halfLifeDays: { values: [null, 365, 90, 30, 7, 2] } },
  estimateBytes: ({ items }) => 4 * items,
  fit: async ({ interactions }, { halfLifeDays }) =>
    fitPopularity(interactions, { halfLifeDays: halfLifeDays ?? Number.POSITIVE_INFINITY }),
  load: async ({ arrays }) => popularity(arrays.counts as Float32Array),
}

export function fitPopularity(
  { itemIndices, times, weights, items }: Interactions,
  { halfLifeDays }: PopularityOptions,
): Popularity {
  const counts = new Float32Array(items.length)
  const newest = times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY)
  const halfLifeSeconds = halfLifeDays * 86_400
  for (let i = 0; i < itemIndices.length; i++) {
    counts[itemIndices[i]!]! += (weights?.[i] ?? 1) * 2 ** ((times[i]! - newest) / halfLifeSeconds)
  }
  return popularity(counts)
}

const popularity = (counts: Float32Array): Popularity => ({
  name: 'popularity',
  counts,
  foldsIn: false,
  chosen: {},
  score: (_user, _history, scores) => scores.set(counts),
  // Nothing is alike to a count: there is no answer.
  similar: () => ({ items: new Int32Array(0), scores: new Float32Array(0) }),
  save: () => ({ json: {}, arrays: { counts } }),
  serving: () => exportPopularity(counts),
  close: () => undefined,
})
