import { z } from 'zod'
import { decayingPlaces, exportItemWeights, servedWeights } from '../export/item-weights-onnx.ts'
import { strongestWeights } from '../export/strongest-weights.ts'
import type { FittedRecommender, RecommenderFamily, SavedRecommender } from '../families/family.ts'
import { leastWeight } from './history-normal-equations.ts'
import { historyProducts } from './history-products.ts'
import { dropoutOption, fitHistoryRidge, historyRidgeBytes } from './history-ridge.ts'
import { fitPopularity } from './popularity.ts'
import { rankedItems } from './ranked-items.ts'

/** Defaults chosen on ml1m's validation part; ml-100k prefers { decays: [0.8, 0.97], backward: 1, targetDecay: 0.5, popularityDamping: 0.1 }. */
const configSchema = z.object({
  decays: z
    .array(z.number().min(0).max(0.995))
    .min(1)
    .max(4)
    .default([0.6, 0.93])
    .describe('one history for each: the weight of its k-th last item relative to the one after it'),
  l2: z.number().min(1e-3).max(1e9).default(400).describe('ridge penalty'),
  dropout: dropoutOption(1 / 3),
  backward: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('weight of every sequence read backwards; more helps where the order within a minute is chance'),
  targetDecay: z
    .number()
    .min(0)
    .max(0.99)
    .default(0.3)
    .describe('how much each later item counts as a target, relative to the one before it; 0: the next one only'),
  popularityDamping: z.number().min(0).max(1).default(0.2).describe('how much popular items are scored down'),
})
/**
 * Items of the history whose weight is below this are not served: down to `leastWeight` they cost half as much again in every answer, and
 * moved NDCG@10 by .0003 on the validation parts of ml-100k and ml1m.
 */
const leastServed = 0.01

export type LinearNextItemOptions = z.infer<typeof configSchema>

/**
 * Ridge regression from the decayed history to the next item (`history-ridge.ts`): score(j) = Σ_s Σ_k decay_s^(k−1)·B_s[k-th last, j].
 * Sequences are also read backwards, as half of all steps in rating logs tie.
 */
export const linearNextItemFamily: RecommenderFamily<LinearNextItemOptions> = {
  name: 'linear-next-item',
  description: 'Ridge regression in closed form from the decayed history to the next item.',
  orderAware: true,
  config: configSchema,
  searchSpace: {
    l2: { from: 50, to: 2000, scale: 'log' },
    backward: { values: [0, 0.2, 0.5, 1] },
    targetDecay: { values: [0, 0.3, 0.5, 0.7] },
    popularityDamping: { from: 0, to: 0.4, scale: 'linear' },
  },
  estimateBytes: (size, { decays }) => historyRidgeBytes(size, decays.length),
  async fit({ interactions }, options, { signal }) {
    const { counts } = fitPopularity(interactions, { halfLifeDays: Number.POSITIVE_INFINITY })
    const { values } = await fitHistoryRidge(interactions, counts, { ...options, l2: () => options.l2 }, signal)
    return linearNextItem(values, counts, options.decays)
  },
  load: async ({ json, arrays }: SavedRecommender) =>
    linearNextItem(
      arrays.weights as Float32Array,
      arrays.popularity as Float32Array,
      configSchema.shape.decays.parse(json.decays),
    ),
}

/** @param weights `[decays · items, items]` */
function linearNextItem(weights: Float32Array, popularity: Float32Array, decays: readonly number[]): FittedRecommender {
  const size = popularity.length
  const addWeights = (scale: number, item: number, factor: number, scores: Float32Array): void => {
    const start = (scale * size + item) * size
    for (let j = 0; j < size; j++) scores[j]! += factor * weights[start + j]!
  }
  const forEachWeight = (history: Int32Array, visit: (scale: number, item: number, weight: number) => void): void => {
    for (const [scale, decay] of decays.entries()) {
      let weight = 1
      for (let i = history.length - 1; i >= 0 && weight >= leastWeight; i--) {
        visit(scale, history[i]!, weight)
        weight *= decay
      }
    }
  }
  return {
    name: 'linear-next-item',
    foldsIn: true,
    chosen: {},
    score(_user, history, scores) {
      if (history.length === 0) {
        scores.set(popularity)
        return
      }
      scores.fill(0)
      forEachWeight(history, (scale, item, weight) => addWeights(scale, item, weight, scores))
    },
    scoreMany: (_users, histories, scores) =>
      historyProducts(
        histories,
        { rows: decays.length * size, columns: size, values: weights },
        (history, row) =>
          forEachWeight(history, (scale, item, weight) => {
            row[scale * size + item]! += weight
          }),
        popularity,
        scores,
      ),
    similar(item, k) {
      const scores = new Float32Array(size)
      for (const scale of decays.keys()) addWeights(scale, item, 1, scores)
      scores[item] = Number.NEGATIVE_INFINITY
      return rankedItems(scores, k)
    },
    save: () => ({ json: { decays }, arrays: { weights, popularity } }),
    serving: () =>
      exportItemWeights(
        decays.map((decay, scale) => ({
          weights: strongestWeights(
            weights.subarray(scale * size * size, (scale + 1) * size * size),
            size,
            servedWeights,
          ),
          placeWeights: decayingPlaces(decay, leastServed),
        })),
        size,
      ),
    close: () => undefined,
  }
}
