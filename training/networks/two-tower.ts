import { z } from 'zod'
import { silentLogger } from '../../log.ts'
import { compileStep } from '../backend/graph/compiled-step.ts'
import { createRandom, type Random } from '../backend/random.ts'
import { openBackend } from '../backend/select-backend.ts'
import { sampleHeldOut } from '../datasets/interactions-split.ts'
import { positionCount } from '../datasets/packed-windows.ts'
import { SharedNegatives } from '../datasets/shared-negatives.ts'
import { meanNdcg } from '../evaluation/mean-ndcg.ts'
import type { FittedRecommender, RecommenderFamily } from '../families/family.ts'
import { CandidateDraw } from './candidate-draw.ts'
import { contentNumbers } from './content-numbers.ts'
import { freshParameters } from './history-network.ts'
import { historyRecommender } from './history-recommender.ts'
import { countItems, positiveSequences } from './positive-sequences.ts'
import { dropoutMasks } from './sequential-batches.ts'
import { type Parameters, trainNetwork } from './train-network.ts'
import { twoTowerBatches } from './two-tower-batches.ts'
import { finishedItems } from './two-tower-items.ts'
import {
  type ContentShape,
  dropoutPlaces,
  parameterShapes,
  type TwoTowerShape,
  trainingSpec,
  twoTowerLoss,
  twoTowerNetwork,
} from './two-tower-network.ts'
import { type TwoTowerOptions, twoTowerOptionsSchema } from './two-tower-options.ts'

/** Standard deviation of what an item has beside its content, in the beginning. */
const itemScale = 0.05

/**
 * Two towers (Covington et al. 2016; Yi et al. 2019): a query tower over bags of the history, a candidate tower over an item's own vector
 * and its content; trained by softmax against targets of others and drawn items, corrected for how often these come up. An item that nobody
 * has had yet has a vector from its content alone, as a share of the items of each batch is known by nothing else.
 *
 * Interactions of weight 0 or below are left out of the histories that it learns from; those above 0 count alike. The user does not matter,
 * only the history: what came before the target, and never the target itself.
 */
export const twoTowerFamily: RecommenderFamily<TwoTowerOptions> = {
  name: 'two-tower',
  description: 'A tower over the history and one over items and their content (sampled softmax); finds new items too.',
  orderAware: true,
  choosesOnValidation: true,
  config: twoTowerOptionsSchema,
  searchSpace: {
    embeddingSize: { values: [32, 64, 96, 128] },
    dropout: { from: 0, to: 0.5, scale: 'linear' },
    learningRate: { from: 0.0005, to: 0.005, scale: 'log' },
    hiddenSize: { values: [128, 256, 512] },
  },
  estimateBytes({ items, interactions }, options) {
    const { embeddingSize: d, hiddenSize, contentSize, windowLength } = options
    const shape = { ...options, itemCount: items }
    const parameters = Object.values(parameterShapes(shape, options)).reduce((sum, [a = 1, b = 1]) => sum + a * b, 0)
    const positions = options.batchWindows * windowLength
    const { inBatch, sampled } = candidateCounts(options, items)
    const activations = positions * (30 * d + 6 * hiddenSize + 3 * windowLength) + 6 * positions * (inBatch + sampled)
    // Parameters, moments, average, best and gradient; one batch forwards and backwards; content and its terms; an epoch's windows.
    return 4 * (7 * parameters + activations + items * (contentSize + 500)) + 24 * interactions
  },
  async fit({ interactions, validation, content: described }, options, environment) {
    const { seed, signal, log } = environment
    const { tf } = await openBackend({ prefer: environment.backend, log })
    const sequences = positiveSequences(interactions)
    const counts = countItems(sequences, interactions.items.length)
    const shape = shapeFor(sequences, counts.length, options)
    const random = createRandom(seed)
    const content =
      described === undefined || options.contentSize === 0
        ? undefined
        : await contentNumbers(described, options.contentSize, random.fork('content'), signal)
    const contentShape = { contentSize: content?.columns ?? 0 }
    const fresh = startingParameters(shape, contentShape, random.fork('weights'))
    const network = twoTowerNetwork(shape)
    const recommender = async (learned: Parameters, trained: boolean, chosen: FittedRecommender['chosen']) => {
      const items = await finishedItems(learned, shape, content, counts)
      return historyRecommender(tf, { network, parameters: { ...learned, items }, counts, trained }, chosen)
    }
    const positions = positionCount(sequences)
    if (positions === 0) {
      log.warn('nobody has two items to learn from; two-tower ranks by popularity')
      return recommender(fresh, false, { epochs: 1 })
    }
    const judged = validation && sampleHeldOut(validation, options.judgedUsers, seed)
    const validate =
      judged &&
      (async (parameters: Parameters) => {
        const candidate = await recommender(parameters, true, {})
        try {
          return await meanNdcg(candidate, interactions, judged, 10, signal)
        } finally {
          candidate.close()
        }
      })
    const windows = Math.min(options.batchWindows, Math.ceil(positions / shape.windowLength))
    const { inBatch, sampled } = candidateCounts(options, counts.length)
    const widest = Math.max(...Object.values(dropoutPlaces(shape)))
    const data = {
      sequences,
      shape,
      windows,
      candidates: new CandidateDraw(counts, new SharedNegatives(counts), inBatch, sampled),
      masks: dropoutMasks(windows * shape.windowLength * widest, options.dropout, random.fork('dropout')),
      content: content && {
        numbers: content,
        keep: keptItems(counts.length, options.idDropout, random.fork('kept items')),
      },
    }
    const spec = trainingSpec(shape, contentShape, { windows, candidates: inBatch + sampled })
    const { parameters, bestEpoch } = await trainNetwork(
      {
        parameters: fresh,
        tables: { items: shape.embeddingSize },
        step: await compileStep(spec, (ops, p, inputs) => twoTowerLoss(ops, p, inputs, shape)),
        batches: (its) => twoTowerBatches(data, its),
        positions,
        identity: { shape, contentShape },
        validate,
      },
      options,
      environment,
    )
    return recommender(parameters, true, { epochs: bestEpoch })
  },
  async load({ json, arrays }) {
    const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
    const { shape, trained } = savedSchema.parse(json)
    const network = twoTowerNetwork(shape)
    const names = Object.keys(network.parameterShapes)
    const parameters = Object.fromEntries(names.map((name) => [name, arrays[name] as Float32Array]))
    return historyRecommender(tf, { network, parameters, counts: arrays.counts as Float32Array, trained }, {})
  },
}

const savedSchema = z.object({
  shape: z.object({
    itemCount: z.number().int(),
    embeddingSize: z.number().int(),
    hiddenSize: z.number().int(),
    windowLength: z.number().int(),
  }),
  trained: z.boolean(),
})

/** Windows are no longer than the longest sequence, in steps of eight. */
function shapeFor(sequences: readonly Int32Array[], itemCount: number, options: TwoTowerOptions): TwoTowerShape {
  const { embeddingSize, hiddenSize } = options
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 1)
  return {
    itemCount,
    embeddingSize,
    hiddenSize,
    windowLength: Math.min(options.windowLength, 8 * Math.ceil(longest / 8)),
  }
}

/** What content says starts as small as what items have beside it: large logits at the start take epochs to unlearn. */
function startingParameters(shape: TwoTowerShape, content: ContentShape, random: Random): Parameters {
  const fresh = freshParameters(parameterShapes(shape, content), random, itemScale)
  const { content_narrow: narrow } = fresh
  return { ...fresh, ...(narrow && { content_narrow: narrow.map((weight) => itemScale * weight) }) }
}

/** How many candidates come from the batch, and how many are drawn; all items, drawn once each, where those would be as many. */
function candidateCounts(
  { inBatchNegatives, sampledNegatives, fullSoftmaxItems }: TwoTowerOptions,
  itemCount: number,
): { inBatch: number; sampled: number } {
  return itemCount <= Math.max(fullSoftmaxItems, inBatchNegatives + sampledNegatives)
    ? { inBatch: 0, sampled: itemCount }
    : { inBatch: inBatchNegatives, sampled: sampledNegatives }
}

/** A store from which each batch takes a stretch: 0 for an item that it knows by its content alone, else 1. */
const keptItems = (itemCount: number, share: number, random: Random): Float32Array =>
  Float32Array.from({ length: 8 * itemCount }, () => (random.uniform() < share ? 0 : 1))
