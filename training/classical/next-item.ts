import { z } from 'zod'
import type { Interactions } from '../datasets/interactions.ts'
import { exportItemWeights, servedWeights } from '../export/item-weights-onnx.ts'
import type { FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { occurrencesByItem } from './item-users.ts'
import type { NeighbourLists } from './recommender.ts'
import { addRow, buildSparseMatrix, neighbourLists, rankedRow, type SparseMatrix } from './sparse-matrix.ts'

/** Defaults chosen on ml-100k's validation part; ml1m prefers { window: 5, popularityDamping: 0.3, decay: 0.7 }. */
const configSchema = z.object({
  window: z.number().int().min(1).default(20).describe('how many steps ahead still count as following'),
  popularityDamping: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('how much popular followers are damped: 0 not at all, 1 fully'),
  decay: z
    .number()
    .positive()
    .max(1)
    .default(0.85)
    .describe('weight of the k-th last item of the history relative to the one after it'),
  lastItems: z.number().int().min(1).default(50).describe('items of the history that count, from the newest back'),
})

export type NextItemOptions = z.infer<typeof configSchema>

export const defaultNextItem: NextItemOptions = configSchema.parse({})

export interface NextItem extends FittedRecommender {
  /** What follows each item, by weight. */
  neighbourLists(k: number): NeighbourLists
}

/**
 * What follows what, first order: T[i, j] = Σ 1/distance over i → j within `window` steps, divided by √(n_i + 1)·(n_j + 1)^damping;
 * score(j) = Σ_k decay^(k−1)·T[k-th last item, j]. No paper: co-occurrence counts with direction and distance.
 */
export const nextItemFamily: RecommenderFamily<NextItemOptions> = {
  name: 'next-item',
  description: 'What follows what within a few steps, by distance.',
  orderAware: true,
  config: configSchema,
  searchSpace: {
    window: { values: [3, 5, 10, 20, 40] },
    popularityDamping: { from: 0, to: 1, scale: 'linear' },
    decay: { from: 0.5, to: 0.98, scale: 'linear' },
  },
  // Each interaction meets 2·window others at most; a pair is 8 bytes, held twice while the matrix grows.
  estimateBytes: ({ items, interactions }, { window }) =>
    16 * Math.min(items * items, interactions * window) + 24 * interactions,
  fit: async ({ interactions }, config) => fitNextItem(interactions, config),
  load: async ({ json, arrays }) =>
    nextItem(
      {
        offsets: arrays.offsets as Int32Array,
        columns: arrays.columns as Int32Array,
        values: arrays.values as Float32Array,
      },
      configSchema.parse(json),
    ),
}

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
  return nextItem(follows, options)
}

function nextItem(follows: SparseMatrix, options: NextItemOptions): NextItem {
  return {
    name: 'next-item',
    foldsIn: true,
    chosen: {},
    neighbourLists: (k) => neighbourLists(follows, k),
    score(_user, history, scores) {
      scores.fill(0)
      let weight = 1
      for (let i = history.length - 1; i >= Math.max(0, history.length - options.lastItems); i--) {
        addRow(follows, history[i]!, weight, scores)
        weight *= options.decay
      }
    },
    similar: (item, k) => rankedRow(follows, item, k),
    save: () => ({ json: options, arrays: { ...follows } }),
    serving: () =>
      exportItemWeights(
        [
          {
            weights: neighbourLists(follows, servedWeights),
            placeWeights: Float32Array.from(
              { length: options.lastItems },
              (_, place) => options.decay ** (options.lastItems - 1 - place),
            ),
          },
        ],
        follows.offsets.length - 1,
      ),
    close: () => undefined,
  }
}
