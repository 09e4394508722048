import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { createRandom } from '../backend/random.ts'
import { openBackend } from '../backend/select-backend.ts'
import { positionCount } from '../datasets/packed-windows.ts'
import type { FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { knownVectors, windowLengthFor } from './history-network.ts'
import { historyRecommender, loadHistoryRecommender } from './history-recommender.ts'
import { countItems, positiveSequences } from './positive-sequences.ts'
import { createParameters, parameterShapes, type SequentialShape, sequentialNetwork } from './sequential-network.ts'
import { candidateCount, type SequentialOptions, sequentialOptionsSchema } from './sequential-options.ts'
import type { Parameters } from './train-network.ts'
import { trainSequential } from './train-sequential.ts'
import { validateParameters } from './validate-parameters.ts'

/**
 * A causal transformer over the last items of a history (SASRec, Kang & McAuley 2018), trained at every position by cross-entropy over all
 * items or a shared sample of them: with this loss it beats what came after it (Klenitskiy & Vasilev 2023, arXiv 2309.07602; on negatives also
 * Petrov & Macdonald 2023, arXiv 2308.07192).
 *
 * Interactions of weight 0 or below are left out of the sequences that it learns from; those above 0 count alike. The user does not matter,
 * only the history.
 */
export const sequentialFamily: RecommenderFamily<SequentialOptions> = {
  name: 'sequential',
  description:
    'A transformer over the order of a history (SASRec), trained by softmax over the catalogue or a sample of it.',
  orderAware: true,
  choosesOnValidation: true,
  config: sequentialOptionsSchema,
  searchSpace: {
    embeddingSize: { values: [32, 64, 96, 128] },
    dropout: { from: 0.1, to: 0.5, scale: 'linear' },
    learningRate: { from: 0.0005, to: 0.005, scale: 'log' },
    windowLength: { values: [50, 100, 128, 200] },
  },
  estimateBytes(size, options) {
    const parameters = parameterCount({ ...options, itemCount: size.items })
    const positions = options.batchWindows * options.windowLength
    const activations =
      positions * (options.blocks * (40 * options.embeddingSize + 8 * options.heads * options.windowLength))
    // Parameters, moments, average, best and gradient; one batch forwards and backwards; the windows of an epoch.
    return (
      4 * (7 * parameters + activations + 8 * positions * candidateCount(options, size.items)) + 16 * size.interactions
    )
  },
  async fit({ interactions, validation }, options, environment) {
    if (options.embeddingSize % (2 * options.heads) !== 0) {
      throw new AppError(
        'CONFIG_INVALID',
        `embeddingSize is ${options.embeddingSize} with ${options.heads} heads; expected a multiple of ${2 * options.heads}. Change either.`,
      )
    }
    const { tf } = await openBackend({ prefer: environment.backend, log: environment.log })
    const sequences = positiveSequences(interactions)
    const counts = countItems(sequences, interactions.items.length)
    const { embeddingSize, blocks, heads } = options
    const windowLength = windowLengthFor(sequences, options.windowLength)
    const shape: SequentialShape = { itemCount: counts.length, embeddingSize, blocks, heads, windowLength }
    const network = sequentialNetwork(shape)
    const recommender = (parameters: Parameters, trained: boolean, chosen: FittedRecommender['chosen']) => {
      const items = knownVectors(parameters.items!, shape.embeddingSize, (item) => counts[item]! > 0)
      return historyRecommender(tf, { network, parameters: { ...parameters, items }, counts, trained }, chosen)
    }
    if (positionCount(sequences) === 0) {
      environment.log.warn('nobody has two items to learn an order from; sequential ranks by popularity')
      return recommender(createParameters(shape, createRandom(environment.seed), 0), false, { epochs: 1 })
    }
    const chooseBy = validateParameters(interactions, validation, options.judgedUsers, environment, (learned) =>
      recommender(learned, true, {}),
    )
    const { parameters, bestEpoch } = await trainSequential(
      { sequences, counts, validation: chooseBy },
      shape,
      options,
      environment,
    )
    return recommender(parameters, true, { epochs: bestEpoch })
  },
  async load({ json, arrays }) {
    const { shape, trained } = savedSchema.parse(json)
    return loadHistoryRecommender(sequentialNetwork(shape), arrays, trained)
  },
}

const savedSchema = z.object({
  shape: z.object({
    itemCount: z.number().int(),
    embeddingSize: z.number().int(),
    blocks: z.number().int(),
    heads: z.number().int(),
    windowLength: z.number().int(),
  }),
  trained: z.boolean(),
})

const parameterCount = (shape: SequentialShape): number =>
  Object.values(parameterShapes(shape)).reduce((sum, its) => sum + its.reduce((product, n) => product * n, 1), 0)
