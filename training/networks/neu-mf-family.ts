import { z } from 'zod'
import { silentLogger } from '../../log.ts'
import { createRandom } from '../backend/random.ts'
import { openBackend, type TfBackend } from '../backend/select-backend.ts'
import { exportNeuMf } from '../export/neu-mf-onnx.ts'
import type { FittedRecommender, RecommenderFamily, SavedRecommender } from '../families/family.ts'
import { sizeOf } from '../families/fit-family.ts'
import { nearestByCosine } from '../families/nearest-by-cosine.ts'
import {
  createNeuMf,
  gmfWidth,
  mlpWidth,
  type NeuMfShape,
  type NeuMfVariant,
  type NeuMfWeights,
  weightArrays,
} from './neu-mf.ts'
import { type NeuMfOptions, neuMfOptionsSchema } from './neu-mf-options.ts'
import { NeuMfRecommender } from './neu-mf-recommender.ts'
import { trainNeuMf } from './train-neu-mf.ts'

/** Neural matrix factorisation and its two halves alone (He et al. 2017), trained on sampled negatives by TF.js. */
export const gmfFamily = familyOf('gmf', 'Factors of users and items, trained as a network (GMF).')
export const mlpFamily = familyOf('mlp', 'A perceptron over embeddings of user and item (MLP of the NCF paper).')
export const neuMfFamily = familyOf('neu-mf', 'Neural matrix factorisation: GMF and MLP together (NCF).')

function familyOf(variant: NeuMfVariant, description: string): RecommenderFamily<NeuMfOptions> {
  return {
    name: variant,
    description,
    orderAware: false,
    choosesOnValidation: true,
    config: neuMfOptionsSchema,
    searchSpace: {
      gmfSize: { values: [8, 16, 32, 64] },
      negatives: { values: [4, 8, 12, 24] },
      l2: { from: 0.002, to: 0.2, scale: 'log' },
      learningRate: { from: 0.001, to: 0.01, scale: 'log' },
    },
    // Weights, their average, the best and the two moments of Adam.
    estimateBytes: ({ users, items, interactions }, options) =>
      20 * (users + items) * rowWidth({ ...options, variant }) +
      24 * interactions +
      Math.min(1 << 27, (users * items) / 8),
    async fit({ interactions, validation }, options, environment) {
      const { tf } = await openBackend({ prefer: environment.backend, log: environment.log })
      const { users: userCount, items: itemCount } = sizeOf(interactions)
      const shape: NeuMfShape = { ...options, variant, userCount, itemCount }
      const { onEpoch } = environment
      const trained = await trainNeuMf(
        interactions,
        validation,
        shape,
        { ...options, seed: environment.seed },
        {
          ...environment,
          tf,
          resume: environment.resume ?? false,
          onEpoch: ({ epoch, loss, ndcg }) =>
            onEpoch?.(epoch, { 'train/loss': loss, ...(ndcg !== null && { 'validation/ndcg@10': ndcg }) }),
        },
      )
      return fittedNeuMf(tf, trained.weights, { epochs: trained.bestEpoch })
    },
    async load(saved) {
      const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
      return fittedNeuMf(tf, loadWeights(saved), {})
    },
  }
}

const rowWidth = (shape: Pick<NeuMfShape, 'variant' | 'gmfSize' | 'mlpSize'>): number =>
  gmfWidth(shape) + mlpWidth(shape)

function fittedNeuMf(
  tf: TfBackend['tf'],
  weights: NeuMfWeights,
  chosen: FittedRecommender['chosen'],
): FittedRecommender {
  const recommender = new NeuMfRecommender(tf, weights)
  return {
    name: weights.shape.variant,
    // A user is a row of the table: a history alone makes none.
    foldsIn: false,
    chosen,
    score: (user, history, scores) => recommender.score(user, history, scores),
    similar: (item, k) => nearestByCosine(weights.items, rowWidth(weights.shape), item, k),
    save: () => ({
      json: { shape: weights.shape },
      arrays: Object.fromEntries(weightArrays(weights).map((values, i) => [`weights${i}`, values])),
    }),
    serving: () => ({
      onnx: exportNeuMf(weights),
      historyLength: undefined,
      score: (user, history, scores) => recommender.score(user, history, scores),
    }),
    close: () => recommender.close(),
  }
}

const shapeSchema = z.object({
  variant: z.enum(['gmf', 'mlp', 'neu-mf']),
  userCount: z.number().int(),
  itemCount: z.number().int(),
  gmfSize: z.number().int(),
  mlpSize: z.number().int(),
  hiddenSizes: z.array(z.number().int()),
})

function loadWeights({ json, arrays }: SavedRecommender): NeuMfWeights {
  const weights = createNeuMf(shapeSchema.parse(json.shape), createRandom(0))
  for (const [i, values] of weightArrays(weights).entries()) values.set(arrays[`weights${i}`] as Float32Array)
  return weights
}
