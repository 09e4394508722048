import { AppError } from '../../errors.ts'
import { networkArrays, readNetwork } from '../backend/neu-mf/network-memory.ts'
import { NeuMfTrainer, type RankingLoss, scratchBytesOf } from '../backend/neu-mf/neu-mf-trainer.ts'
import { KernelPool, threadsFor } from '../backend/parallel/kernel-pool.ts'
import { createRandom } from '../backend/random.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { NegativeSampler } from '../datasets/negative-sampling.ts'
import { batchCount, positiveCount, trainingBatches } from '../datasets/training-batches.ts'
import { meanNdcg } from '../evaluation/mean-ndcg.ts'
import type { FitEnvironment } from '../families/family.ts'
import { createNeuMf, type NeuMfShape, type NeuMfWeights } from './neu-mf.ts'
import { NeuMfRecommender } from './neu-mf-recommender.ts'
import { type TrainedEpochs, trainEpochs } from './train-epochs.ts'

export interface NeuMfTrainingOptions {
  readonly loss: RankingLoss
  readonly learningRate: number
  readonly l2: number
  /** Weight of the past in the running average of the weights, in [0, 1); 0 takes the weights as they are. */
  readonly averaging: number
  readonly batchSize: number
  readonly negatives: number
  /** Age at which an interaction is drawn half as often as the newest one; null draws all alike. */
  readonly recencyHalfLifeDays: number | null
  /** Share of a user's history behind its end, at which an interaction is drawn half as often as the latest; null draws all alike. */
  readonly historyHalfLife: number | null
  /** Whether negatives are drawn only from the items seen by someone when their positive happened. */
  readonly timeAwareNegatives: boolean
  /** Most epochs; fewer when validation stops improving. */
  readonly epochs: number
  /** Epochs without a better validation NDCG@10 before training stops; has no meaning without validation. */
  readonly patience: number
  readonly seed: number
}

/** The world around a training; TF.js has no part in it. */
export type TrainingEnvironment = Omit<FitEnvironment, 'seed' | 'backend'>

export interface TrainedNeuMf {
  /** Averaged; those of the best epoch, or of the last one without validation. */
  readonly weights: NeuMfWeights
  readonly bestEpoch: number
  readonly history: TrainedEpochs['history']
}

/** How often the running average takes in the weights: often enough to be smooth, too seldom to cost time. */
const averagesPerEpoch = 5
/** Steps in which the average forgets its random start faster. */
const warmUpSteps = 100

/**
 * Trains NeuMF; the same seed gives the same weights, bit for bit, on any number of threads, whether or not the training was interrupted
 * and resumed.
 *
 * @param validation users whose ranking decides when to stop; absent for a fixed number of epochs
 * @param start      where to begin; fresh weights when absent
 * @throws AppError CANCELLED soon after the signal; the last finished epoch is in the checkpoint
 * @throws AppError CONFIG_INVALID when the loss stops being a number: the options are out of range
 */
export async function trainNeuMf(
  interactions: Interactions,
  validation: HeldOut | undefined,
  shape: NeuMfShape,
  options: NeuMfTrainingOptions,
  environment: TrainingEnvironment,
  start?: NeuMfWeights,
): Promise<TrainedNeuMf> {
  const groupSize = 1 + options.negatives
  const pool = KernelPool.open({
    module: 'neu-mf',
    threads: threadsFor(operationsOfEpoch(shape, positiveCount(interactions) * groupSize)),
    scratchBytes: scratchBytesOf(shape, groupSize),
  })
  try {
    const batchSize = Math.min(options.batchSize, interactions.itemIndices.length)
    const trainer = new NeuMfTrainer(pool, shape, { ...options, batchSize, groupSize })
    trainer.start(start ?? createNeuMf(shape, createRandom(options.seed).fork('weights')))
    const sampler = new NegativeSampler(interactions, { timeAware: options.timeAwareNegatives })
    const recommender = validation && new NeuMfRecommender(pool, trainer.averages)
    const { best, bestEpoch, history } = await trainEpochs(
      {
        identity: { shape, options: { ...options, epochs: 0 }, interactions: interactions.itemIndices.length },
        state: trainer.stateArrays(),
        averages: networkArrays(trainer.averages.arrays),
        steps: () => trainer.steps,
        restoreSteps: (steps) => trainer.restoreSteps(steps),
        trainEpoch: (epoch) => trainEpoch(epoch, interactions, sampler, trainer, options, environment),
        validation: recommender && {
          metric: 'validation/ndcg@10',
          higherIsBetter: true,
          judge() {
            recommender.refresh()
            return meanNdcg(recommender, interactions, validation!, 10, environment.signal)
          },
        },
      },
      options,
      environment,
    )
    for (const [i, array] of networkArrays(trainer.averages.arrays).entries()) array.set(best[i]!)
    return { weights: readNetwork(trainer.averages, shape), bestEpoch, history }
  } finally {
    await pool.close()
  }
}

/** Multiplications, roughly. */
function operationsOfEpoch({ variant, gmfSize, mlpSize, hiddenSizes }: NeuMfShape, pairs: number): number {
  const widths = variant === 'gmf' ? [] : [2 * mlpSize, ...hiddenSizes]
  const perceptron = widths.slice(1).reduce((sum, width, i) => sum + width * widths[i]!, 0)
  return 3 * pairs * (gmfSize + perceptron)
}

async function trainEpoch(
  epoch: number,
  interactions: Interactions,
  sampler: NegativeSampler,
  trainer: NeuMfTrainer,
  options: NeuMfTrainingOptions,
  { progress, signal, label }: TrainingEnvironment,
): Promise<number> {
  const batches = batchCount(interactions, options)
  const averageEvery = Math.ceil(batches / averagesPerEpoch)
  const random = createRandom(options.seed).fork(`epoch ${epoch}`)
  let total = 0
  let done = 0
  await trainer.train(
    trainingBatches(interactions, sampler, options, random),
    options.learningRate,
    (losses, positives) => {
      if (signal.aborted) {
        throw new AppError('CANCELLED', `Stopped in epoch ${epoch}; \`--resume\` goes on after epoch ${epoch - 1}.`)
      }
      for (const [i, loss] of losses.entries()) {
        if (!Number.isFinite(loss)) {
          throw new AppError(
            'CONFIG_INVALID',
            `The loss became ${loss} at step ${(epoch - 1) * batches + done + i + 1}, in epoch ${epoch}; expected a finite number. Lower learningRate (now ${options.learningRate}) and train again.`,
          )
        }
        total += loss * positives[i]!
      }
      const before = Math.floor(done / averageEvery)
      done += losses.length
      // The path of the optimiser is noisy; its mean ranks better than its end (Polyak & Juditsky 1992): +.004 in NDCG@10 on ml-100k.
      if (Math.floor(done / averageEvery) > before || done === batches) {
        trainer.average(Math.min(options.averaging, trainer.steps / (trainer.steps + warmUpSteps)))
      }
      const text = `epoch ${epoch} loss ${losses.at(-1)!.toFixed(3)}`
      progress.update(label, (epoch - 1) * batches + done, options.epochs * batches, text)
    },
  )
  return total / Math.max(1, positiveCount(interactions))
}
