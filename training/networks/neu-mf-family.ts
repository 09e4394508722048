import { z } from 'zod'
import { batchBytes } from '../backend/neu-mf/neu-mf-trainer.ts'
import { exportNeuMf } from '../export/neu-mf-onnx.ts'
import type { FittedRecommender, RecommenderFamily, SavedRecommender } from '../families/family.ts'
import { sizeOf } from '../families/fit-family.ts'
import { nearestByCosine } from '../families/nearest-by-cosine.ts'
import { gmfWidth, mlpWidth, type NeuMfShape, type NeuMfVariant, type NeuMfWeights, parameterShapes } from './neu-mf.ts'
import { type NeuMfOptions, neuMfOptionsSchema } from './neu-mf-options.ts'
import { NeuMfRecommender } from './neu-mf-recommender.ts'
import { preTrainNeuMf } from './pre-train-neu-mf.ts'
import { trainNeuMf } from './train-neu-mf.ts'

/** Neural matrix factorisation and its two halves alone (He et al. 2017), trained on sampled negatives. */
export const gmfFamily = familyOf('gmf', 'Factors of users and items, trained as a network (GMF).')
export const mlpFamily = familyOf('mlp', 'A perceptron over embeddings of user and item (MLP of the NCF paper).')
export const neuMfFamily = familyOf('neu-mf', 'Neural matrix factorisation: GMF and MLP together (NCF).')

function familyOf(variant: NeuMfVariant, description: string): RecommenderFamily<NeuMfOptions> {
  return {
    name: variant,
    description,
    // It draws the later interactions of a user more often, but what it learns is a row for each user, whatever a history is given.
    orderAware: false,
    choosesOnValidation: true,
    config: neuMfOptionsSchema,
    searchSpace: {
      gmfSize: { values: [8, 16, 32, 64] },
      negatives: { values: [4, 8, 12, 24] },
      l2: { from: 0.002, to: 0.2, scale: 'log' },
      learningRate: { from: 0.001, to: 0.01, scale: 'log' },
    },
    // Weights, their average, the best, the two moments of Adam; then what is kept, as values and where kernels read it.
    estimateBytes: ({ users, items, interactions }, { batchSize, negatives, ...options }) =>
      28 * (users + items) * rowWidth({ ...options, variant }) +
      batchBytes(options, { batchSize, groupSize: 1 + negatives }) +
      24 * interactions +
      Math.min(1 << 27, (users * items) / 8),
    async fit({ interactions, validation }, options, environment) {
      const { users: userCount, items: itemCount } = sizeOf(interactions)
      const { gmfSize, mlpSize, hiddenSizes, preTrainingEpochs, preTrainedRate } = options
      const shape: NeuMfShape = { variant, userCount, itemCount, gmfSize, mlpSize, hiddenSizes }
      const training = { ...options, seed: environment.seed }
      if (variant !== 'neu-mf' || preTrainingEpochs === 0) {
        const trained = await trainNeuMf(interactions, validation, shape, training, environment)
        return fittedNeuMf(trained.weights, { epochs: trained.bestEpoch })
      }
      const start = await preTrainNeuMf(interactions, shape, preTrainingEpochs, training, environment)
      const gentler = { ...training, learningRate: training.learningRate * preTrainedRate }
      const trained = await trainNeuMf(interactions, validation, shape, gentler, environment, start)
      return fittedNeuMf(trained.weights, { epochs: trained.bestEpoch })
    },
    async load(saved) {
      return fittedNeuMf(loadWeights(saved), {})
    },
  }
}

const rowWidth = (shape: Pick<NeuMfShape, 'variant' | 'gmfSize' | 'mlpSize'>): number =>
  gmfWidth(shape) + mlpWidth(shape)

function fittedNeuMf(weights: NeuMfWeights, chosen: FittedRecommender['chosen']): FittedRecommender {
  const recommender = NeuMfRecommender.of(weights)
  const itemVectors = joinColumns(
    weights.parameters.itemFactors,
    weights.parameters.itemInputs,
    weights.shape.itemCount,
  )
  return {
    name: weights.shape.variant,
    // A user is a row of the table: a history alone makes none.
    foldsIn: false,
    chosen,
    score: (user, history, scores) => recommender.score(user, history, scores),
    scoreMany: (users, histories, scores) => recommender.scoreMany(users, histories, scores),
    similar: (item, k) => nearestByCosine(itemVectors, rowWidth(weights.shape), item, k),
    save: () => ({ json: { shape: weights.shape }, arrays: weights.parameters }),
    serving: () => ({
      onnx: exportNeuMf(weights),
      historyLength: undefined,
      score: (user, history, scores) => recommender.score(user, history, scores),
    }),
    close: () => undefined,
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
  const shape = shapeSchema.parse(json.shape)
  const names = Object.keys(parameterShapes(shape))
  return { shape, parameters: Object.fromEntries(names.map((name) => [name, arrays[name] as Float32Array])) }
}

/** Two tables side by side, `[rows, both widths]`; one of them may be absent. */
function joinColumns(a: Float32Array | undefined, b: Float32Array | undefined, rows: number): Float32Array {
  if (a === undefined || b === undefined) return a ?? b ?? new Float32Array()
  const joined = new Float32Array(a.length + b.length)
  const [ofA, ofB] = [a.length / rows, b.length / rows]
  for (let row = 0; row < rows; row++) {
    joined.set(a.subarray(row * ofA, (row + 1) * ofA), row * (ofA + ofB))
    joined.set(b.subarray(row * ofB, (row + 1) * ofB), row * (ofA + ofB) + ofA)
  }
  return joined
}
