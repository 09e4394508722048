import { z } from 'zod'
import { compileStep } from '../backend/graph/compiled-step.ts'
import { createRandom, type Random } from '../backend/random.ts'
import { openBackend } from '../backend/select-backend.ts'
import { positionCount } from '../datasets/packed-windows.ts'
import { SharedNegatives } from '../datasets/shared-negatives.ts'
import type { FittedRecommender, ItemContent, RecommenderFamily } from '../families/family.ts'
import { allCandidates, CandidateDraw } from './candidate-draw.ts'
import { contentNumbers } from './content-numbers.ts'
import { freshParameters, scoringParameters, windowLengthFor } from './history-network.ts'
import { historyRecommender, loadHistoryRecommender } from './history-recommender.ts'
import { countItems, positiveSequences } from './positive-sequences.ts'
import { dropoutMasks } from './sequential-batches.ts'
import { type NetworkTraining, type Parameters, trainNetwork } from './train-network.ts'
import { twoTowerBatches } from './two-tower-batches.ts'
import { type TwoTowerContent, twoTowerContent } from './two-tower-content.ts'
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
import { validateParameters } from './validate-parameters.ts'

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
    const candidates = isSampled(options, items) ? options.inBatchNegatives + options.sampledNegatives : items
    const activations = positions * (30 * d + 15 * hiddenSize + 3 * windowLength + 6 * candidates)
    // Parameters, moments, average, best and gradient; one batch forwards and backwards; content while its terms are counted; an epoch's windows.
    return 4 * (7 * parameters + activations) + (contentSize > 0 ? 10_000 * items : 0) + 24 * interactions
  },
  async fit({ interactions, validation, content: described }, options, environment) {
    const { seed, signal, log } = environment
    const { tf } = await openBackend({ prefer: environment.backend, log })
    const sequences = positiveSequences(interactions)
    const counts = countItems(sequences, interactions.items.length)
    const { embeddingSize, hiddenSize } = options
    const windowLength = windowLengthFor(sequences, options.windowLength)
    const shape: TwoTowerShape = { itemCount: counts.length, embeddingSize, hiddenSize, windowLength }
    const random = createRandom(seed)
    const content = await readContent(described, options, random, signal)
    const network = twoTowerNetwork(shape)
    const open = async (learned: Parameters, trained: boolean, chosen: FittedRecommender['chosen']) => {
      const items = await finishedItems(learned, shape, content, counts)
      const parameters = scoringParameters(network, { ...learned, items })
      return historyRecommender(tf, { network, parameters, counts, trained }, chosen)
    }
    const parameters = startingParameters(shape, contentShapeOf(content), random.fork('weights'))
    if (positionCount(sequences) === 0) {
      log.warn('nobody has two items to learn from; two-tower ranks by popularity')
      return open(parameters, false, { epochs: 1 })
    }
    const training = await openTraining({ sequences, counts, content, shape, parameters }, options, random)
    const chooseBy = validateParameters(interactions, validation, options.judgedUsers, environment, (learned) =>
      open(learned, true, {}),
    )
    const { parameters: best, bestEpoch } = await trainNetwork(
      { ...training, validation: chooseBy },
      options,
      environment,
    )
    return open(best, true, { epochs: bestEpoch })
  },
  async load({ json, arrays }) {
    const { shape, trained } = savedSchema.parse(json)
    return loadHistoryRecommender(twoTowerNetwork(shape), arrays, trained)
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

/** The content of the items, summed up; undefined where it is left out or nothing is known. */
async function readContent(
  content: ItemContent | undefined,
  { contentSize, idDropout }: TwoTowerOptions,
  random: Random,
  signal: AbortSignal,
): Promise<TwoTowerContent | undefined> {
  if (content === undefined || contentSize === 0) return undefined
  const numbers = await contentNumbers(content, contentSize, random.fork('content'), signal)
  return numbers.columns === 0 ? undefined : twoTowerContent(numbers, idDropout, random.fork('kept items'))
}

const contentShapeOf = (content: TwoTowerContent | undefined): ContentShape => ({
  contentSize: content?.numbers.columns ?? 0,
})

/** What content says starts as small as what items have beside it: large logits at the start take epochs to unlearn. */
function startingParameters(shape: TwoTowerShape, content: ContentShape, random: Random): Parameters {
  const fresh = freshParameters(parameterShapes(shape, content), random, itemScale)
  const { content_narrow: narrow } = fresh
  return { ...fresh, ...(narrow && { content_narrow: narrow.map((weight) => itemScale * weight) }) }
}

/** Whether a catalogue is so large that positions are told apart from a sample of it. */
const isSampled = (
  { inBatchNegatives, sampledNegatives, fullSoftmaxItems }: TwoTowerOptions,
  itemCount: number,
): boolean => itemCount > Math.max(fullSoftmaxItems, inBatchNegatives + sampledNegatives)

interface TrainingData {
  readonly sequences: readonly Int32Array[]
  readonly counts: Float32Array
  readonly content: TwoTowerContent | undefined
  readonly shape: TwoTowerShape
  readonly parameters: Parameters
}

/** Compiles the step, and says where its batches come from. */
async function openTraining(
  { sequences, counts, content, shape, parameters }: TrainingData,
  options: TwoTowerOptions,
  random: Random,
): Promise<NetworkTraining> {
  const positions = positionCount(sequences)
  const windows = Math.min(options.batchWindows, Math.ceil(positions / shape.windowLength))
  const { inBatchNegatives, sampledNegatives } = options
  const sampled = isSampled(options, counts.length)
  const candidates = sampled
    ? new CandidateDraw(counts, new SharedNegatives(counts), inBatchNegatives, sampledNegatives)
    : allCandidates(counts)
  const widest = Math.max(...Object.values(dropoutPlaces(shape)))
  const masks = dropoutMasks(windows * shape.windowLength * widest, options.dropout, random.fork('dropout'))
  const data = { sequences, shape, windows, candidates, masks, content }
  const spec = trainingSpec(shape, contentShapeOf(content), { windows, candidates: candidates.count, sampled })
  return {
    parameters,
    tables: { items: shape.embeddingSize },
    step: await compileStep(spec, (ops, p, inputs) => twoTowerLoss(ops, p, inputs, shape)),
    batches: (its) => twoTowerBatches(data, its),
    positions,
    identity: { shape, content: contentShapeOf(content) },
  }
}
