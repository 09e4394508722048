import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import { type CompiledStep, compileStep } from '../backend/graph/compiled-step.ts'
import { GraphOptimiser } from '../backend/graph/graph-optimiser.ts'
import { createRandom } from '../backend/random.ts'
import { positionCount } from '../datasets/packed-windows.ts'
import { SharedNegatives } from '../datasets/shared-negatives.ts'
import type { FitEnvironment } from '../families/family.ts'
import { readCheckpoint, writeCheckpoint } from './training-checkpoint.ts'
import { dropoutMasks, type SequentialBatchOptions, sequentialBatches } from './sequential-batches.ts'
import {
  createParameters,
  type Parameters,
  parameterArrays,
  type SequentialShape,
  sequentialLoss,
  trainingSpec,
} from './sequential-network.ts'
import { candidateCount, type SequentialOptions } from './sequential-options.ts'

export interface SequentialTrainingData {
  /** Items of each user, oldest first; at least two of some user. */
  readonly sequences: readonly Int32Array[]
  /** `[items]`: how often each occurs in them. */
  readonly counts: Float32Array
  /** NDCG@10 of the given parameters on the validation part; absent for a fixed number of epochs. */
  readonly validate?: (parameters: Parameters) => Promise<number>
}

export interface TrainedSequential {
  /** Averaged; those of the best epoch, or of the last one without validation. */
  readonly parameters: Parameters
  readonly bestEpoch: number
}

/** Standard deviation of fresh item vectors. */
const itemScale = 0.05
/** Steps over which the learning rate grows to its full size, and the average forgets its random start faster. */
const warmUpSteps = 100
/** How often the average takes in the weights: often enough to be smooth, too seldom to cost time. */
const stepsPerAverage = 10

/**
 * Trains the sequential network; the same seed gives the same parameters, bit for bit, whether or not the training was interrupted and
 * resumed.
 *
 * @throws AppError CANCELLED at the next step after the signal; the last finished epoch is in the checkpoint
 * @throws AppError CONFIG_INVALID when the loss stops being a number: the options are out of range
 */
export async function trainSequential(
  data: SequentialTrainingData,
  shape: SequentialShape,
  options: SequentialOptions,
  environment: FitEnvironment,
): Promise<TrainedSequential> {
  const { checkpointFile, log, seed } = environment
  const trainer = await openTrainer(data, shape, options, seed)
  const { parameters, averages, optimiser } = trainer
  let best = copyOf(parameters)
  let bestEpoch = 0
  const history: { epoch: number; loss: number; ndcg: number | null }[] = []
  const stateArrays = (): Float32Array[] => [
    ...[parameters, averages, best].flatMap(parameterArrays),
    ...optimiser.momentArrays(),
  ]
  // Everything the next epoch depends on; the random streams are forked by epoch and need no state.
  const identity = { shape, options: { ...options, epochs: 0 }, seed, positions: positionCount(data.sequences) }
  const impatient = (): boolean => data.validate !== undefined && history.length - bestEpoch >= options.patience
  try {
    if (environment.resume === true && checkpointFile !== undefined) {
      const saved = await readCheckpoint(checkpointFile, identity, stateArrays())
      if (saved === undefined) log.info({ checkpointFile }, 'nothing to resume; training from the start')
      else {
        history.push(...saved.history)
        bestEpoch = saved.bestEpoch
        optimiser.restoreSteps(saved.steps)
        log.info({ epoch: history.length }, 'resumed after the last finished epoch')
      }
    }
    while (history.length < options.epochs && !impatient()) {
      const epoch = history.length + 1
      const loss = await trainEpoch(epoch, trainer, environment)
      const ndcg = (await data.validate?.(averages)) ?? null
      const bestNdcg = history[bestEpoch - 1]?.ndcg ?? Number.NEGATIVE_INFINITY
      history.push({ epoch, loss, ndcg })
      environment.onEpoch?.(epoch, { 'train/loss': loss, ...(ndcg !== null && { 'validation/ndcg@10': ndcg }) })
      if (ndcg === null || ndcg > bestNdcg) {
        bestEpoch = epoch
        best = copyOf(averages)
      }
      if (checkpointFile !== undefined) {
        await writeCheckpoint(checkpointFile, { identity, history, bestEpoch, steps: optimiser.steps }, stateArrays())
      }
    }
  } finally {
    await trainer.step.close()
  }
  environment.progress.done(environment.label, `${history.length} epochs, best ${bestEpoch}`)
  return { parameters: best, bestEpoch }
}

/** What stays the same from epoch to epoch; parameters and averages change in place. */
interface Trainer {
  readonly data: SequentialTrainingData
  readonly shape: SequentialShape
  readonly options: SequentialOptions & SequentialBatchOptions
  readonly step: CompiledStep
  readonly optimiser: GraphOptimiser
  readonly parameters: Parameters
  readonly averages: Parameters
  readonly negatives: SharedNegatives
  readonly masks: Float32Array
}

/** The caller closes its step. */
async function openTrainer(
  data: SequentialTrainingData,
  shape: SequentialShape,
  options: SequentialOptions,
  seed: number,
): Promise<Trainer> {
  const random = createRandom(seed)
  const parameters = createParameters(shape, random.fork('weights'), itemScale)
  const windows = Math.min(options.batchWindows, Math.ceil(positionCount(data.sequences) / shape.windowLength))
  const negatives = candidateCount(options, shape.itemCount)
  const spec = trainingSpec(shape, { windows, negatives })
  const largestMask = windows * shape.windowLength * shape.embeddingSize
  return {
    data,
    shape,
    options: { ...options, windows, negatives },
    step: await compileStep(spec, (ops, p, i) => sequentialLoss(ops, p, i, shape)),
    optimiser: new GraphOptimiser(parameters, { items: shape.embeddingSize }),
    parameters,
    averages: copyOf(parameters),
    negatives: new SharedNegatives(data.counts),
    masks: dropoutMasks(largestMask, options.dropout, random.fork('dropout')),
  }
}

/** @returns the loss, mean over positions */
async function trainEpoch(epoch: number, trainer: Trainer, environment: FitEnvironment): Promise<number> {
  const { data, shape, options, step, optimiser, parameters, averages } = trainer
  const { progress, signal, label, seed } = environment
  const all = positionCount(data.sequences)
  const random = createRandom(seed).fork(`epoch ${epoch}`)
  let total = 0
  let done = 0
  for (const batch of sequentialBatches(data.sequences, trainer.negatives, trainer.masks, shape, options, random)) {
    // Signals arrive only between turns of the event loop.
    await turnOfTheEventLoop()
    if (signal.aborted) {
      throw new AppError('CANCELLED', `Stopped in epoch ${epoch}; \`--resume\` goes on after epoch ${epoch - 1}.`)
    }
    const result = await step.run(parameters, batch.inputs)
    if (!Number.isFinite(result.loss)) {
      throw new AppError(
        'CONFIG_INVALID',
        `The loss became ${result.loss} at step ${optimiser.steps + 1}, in epoch ${epoch}; expected a finite number. Lower learningRate (now ${options.learningRate}) and train again.`,
      )
    }
    optimiser.update(result, options.learningRate * Math.min(1, (optimiser.steps + 1) / warmUpSteps))
    total += result.loss * batch.positions
    done += batch.positions
    if (optimiser.steps % stepsPerAverage === 0 || done === all) {
      addToAverages(
        averages,
        parameters,
        Math.min(options.averaging, optimiser.steps / (optimiser.steps + warmUpSteps)),
      )
    }
    progress.update(
      label,
      (epoch - 1) * all + done,
      options.epochs * all,
      `epoch ${epoch} loss ${result.loss.toFixed(3)}`,
    )
  }
  return total / all
}

/** averages ← past·averages + (1 − past)·parameters: the mean of the optimiser's path ranks better than its end (Polyak & Juditsky 1992). */
function addToAverages(averages: Parameters, parameters: Parameters, past: number): void {
  for (const [name, average] of Object.entries(averages)) {
    const now = parameters[name]!
    for (let i = 0; i < average.length; i++) average[i] = past * average[i]! + (1 - past) * now[i]!
  }
}

const copyOf = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]))
