import { z } from 'zod'
import type { Matrix } from '../backend/linear-algebra.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { FitEnvironment, FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { invertPositiveDefinite } from '../linear-algebra/cholesky.ts'
import { gramMatrix } from '../linear-algebra/gram-matrix.ts'
import { fitPopularity } from './popularity.ts'
import { topItems } from './top-items.ts'
import { userItemMatrix } from './user-item-matrix.ts'

const configSchema = z.object({
  l2: z.number().positive().default(300).describe('ridge penalty: greater trusts co-occurrence less'),
  dropout: z.number().min(0).max(0.9).default(0).describe('share of each history that training hides (EDLAE)'),
  userDamping: z.number().min(0).max(1).default(0).describe('0: every interaction counts alike; 1: every user'),
  popularityDamping: z.number().min(-1).max(1).default(0).describe('how much popular items are scored down'),
})
type EaseOptions = z.infer<typeof configSchema>

export const easeFamily: RecommenderFamily<EaseOptions> = {
  name: 'ease',
  description: 'Item-to-item weights by ridge regression in closed form, an item never explaining itself (Steck 2019).',
  orderAware: false,
  config: configSchema,
  searchSpace: {
    l2: { from: 30, to: 3000, scale: 'log' },
    dropout: { from: 0, to: 0.6, scale: 'linear' },
  },
  estimateBytes: ({ items, interactions }) => 12 * items * items + 40 * interactions,
  fit: async ({ interactions }, config, environment) => fitEase(interactions, config, environment),
  load: async ({ arrays }) => ease(arrays.weights as Float32Array, arrays.popularity as Float32Array),
}

async function fitEase(
  interactions: Interactions,
  options: EaseOptions,
  { signal }: Pick<FitEnvironment, 'signal'>,
): Promise<FittedRecommender> {
  signal.throwIfAborted()
  const size = interactions.items.length
  const x = userItemMatrix(interactions)
  const weightOfUser = Float64Array.from(interactions.users, (_, user) => {
    const length = x.offsets[user + 1]! - x.offsets[user]!
    return length === 0 ? 0 : length ** -options.userDamping
  })
  const mean = x.columns.length / interactions.users.length
  for (let u = 0; u < weightOfUser.length; u++) weightOfUser[u]! *= mean ** options.userDamping
  const gram = gramMatrix(x, size, weightOfUser)
  const hidden = options.dropout / (1 - options.dropout)
  const counts = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    counts[i] = gram.values[i * size + i]!
    gram.values[i * size + i]! += options.l2 + hidden * counts[i]!
  }
  const weights = await invertPositiveDefinite(gram, signal)
  toWeights(weights)
  if (options.popularityDamping !== 0)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) weights.values[i * size + j]! /= (counts[j]! + 1) ** options.popularityDamping
  const { counts: popularity } = fitPopularity(interactions, { halfLifeDays: Number.POSITIVE_INFINITY })
  return ease(weights.values, popularity)
}

/** P → B, B[i, j] = −P[i, j] / P[j, j], in place; zeros on the diagonal. */
function toWeights({ rows: size, values }: Matrix): void {
  const scale = Float64Array.from({ length: size }, (_, j) => -1 / values[j * size + j]!)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) values[i * size + j]! *= scale[j]!
    values[i * size + i] = 0
  }
}

function ease(weights: Float32Array, popularity: Float32Array): FittedRecommender {
  const size = popularity.length
  const row = (item: number): Float32Array => weights.subarray(item * size, (item + 1) * size)
  return {
    name: 'ease',
    foldsIn: true,
    chosen: {},
    score(_user, history, scores) {
      if (history.length === 0) {
        scores.set(popularity)
        return
      }
      scores.fill(0)
      for (const item of new Set(history)) {
        const its = row(item)
        for (let j = 0; j < size; j++) scores[j]! += its[j]!
      }
    },
    similar(item, k) {
      const scores = row(item).slice()
      scores[item] = Number.NEGATIVE_INFINITY
      const items = topItems(scores, k)
      return { items, scores: Float32Array.from(items, (other) => scores[other]!) }
    },
    save: () => ({ json: {}, arrays: { weights, popularity } }),
    close: () => undefined,
  }
}
