import { z } from 'zod'
import type { Matrix } from '../backend/linear-algebra.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { FitEnvironment, FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { gramMatrix } from '../linear-algebra/gram-matrix.ts'
import { invertPositiveDefinite } from '../linear-algebra/invert-positive-definite.ts'
import { dropoutOption } from './history-ridge.ts'
import { fitPopularity } from './popularity.ts'
import { setWeights } from './set-weights.ts'
import { userItemMatrix } from './user-item-matrix.ts'

const configSchema = z.object({
  l2: z.number().min(1e-3).max(1e9).default(300).describe('ridge penalty: greater trusts co-occurrence less'),
  dropout: dropoutOption(0),
})
type EaseOptions = z.infer<typeof configSchema>

/**
 * EASE, "shallow autoencoder": B = the ridge regression of each item on all others, in closed form from P = (XᵀX + Λ)⁻¹,
 * B[i, j] = −P[i, j] / P[j, j] and B[j, j] = 0; score(j) = Σ over the history of B[i, j] (Steck 2019, eq. 8).
 * Λ = l2·I + p/(1−p)·diag(XᵀX) with p the dropout (EDLAE, Steck 2020, eq. 5).
 */
export const easeFamily: RecommenderFamily<EaseOptions> = {
  name: 'ease',
  description: 'Item-to-item weights by ridge regression in closed form, an item never explaining itself (Steck 2019).',
  orderAware: false,
  config: configSchema,
  searchSpace: {
    l2: { from: 30, to: 3000, scale: 'log' },
    dropout: { from: 0, to: 0.6, scale: 'linear' },
  },
  // XᵀX twice, half of it again as its factor, the inverse and one product.
  estimateBytes: ({ items, interactions }) => 16 * items * items + 40 * interactions,
  fit: async ({ interactions }, config, environment) => fitEase(interactions, config, environment),
  load: async ({ arrays }) => setWeights('ease', arrays.weights as Float32Array, arrays.popularity as Float32Array),
}

async function fitEase(
  interactions: Interactions,
  { l2, dropout }: EaseOptions,
  { signal }: Pick<FitEnvironment, 'signal'>,
): Promise<FittedRecommender> {
  signal.throwIfAborted()
  const size = interactions.items.length
  const gram = await gramMatrix(userItemMatrix(interactions), size)
  for (let i = 0; i < size; i++)
    gram.values[i * size + i]! += l2 + (dropout / (1 - dropout)) * gram.values[i * size + i]!
  const weights = await invertPositiveDefinite(gram, signal)
  toWeights(weights)
  const { counts } = fitPopularity(interactions, { halfLifeDays: Number.POSITIVE_INFINITY })
  return setWeights('ease', weights.values, counts)
}

/** P → B, B[i, j] = −P[i, j] / P[j, j], in place; zeros on the diagonal. */
function toWeights({ rows: size, values }: Matrix): void {
  const scale = Float64Array.from({ length: size }, (_, j) => -1 / values[j * size + j]!)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) values[i * size + j]! *= scale[j]!
    values[i * size + i] = 0
  }
}
