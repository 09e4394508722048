import { compileStep } from '../backend/graph/compiled-step.ts'
import { createRandom } from '../backend/random.ts'
import { positionCount } from '../datasets/packed-windows.ts'
import { SharedNegatives } from '../datasets/shared-negatives.ts'
import type { FitEnvironment } from '../families/family.ts'
import { dropoutMasks, sequentialBatches } from './sequential-batches.ts'
import { createParameters, type SequentialShape, sequentialLoss, trainingSpec } from './sequential-network.ts'
import { candidateCount, type SequentialOptions } from './sequential-options.ts'
import { type NetworkTraining, type TrainedNetwork, trainNetwork } from './train-network.ts'

export interface SequentialTrainingData {
  /** Items of each user, oldest first; at least two of some user. */
  readonly sequences: readonly Int32Array[]
  /** `[items]`: how often each occurs in them. */
  readonly counts: Float32Array
  readonly validation?: NetworkTraining['validation']
}

/** Standard deviation of fresh item vectors. */
const itemScale = 0.05

/**
 * Trains the sequential network.
 *
 * @throws AppError as `trainNetwork`
 */
export async function trainSequential(
  { sequences, counts, validation }: SequentialTrainingData,
  shape: SequentialShape,
  options: SequentialOptions,
  environment: FitEnvironment,
): Promise<TrainedNetwork> {
  const random = createRandom(environment.seed)
  const positions = positionCount(sequences)
  const windows = Math.min(options.batchWindows, Math.ceil(positions / shape.windowLength))
  const negatives = candidateCount(options, shape.itemCount)
  const largestMask = windows * shape.windowLength * shape.embeddingSize
  const masks = dropoutMasks(largestMask, options.dropout, random.fork('dropout'))
  const drawn = new SharedNegatives(counts)
  return trainNetwork(
    {
      parameters: createParameters(shape, random.fork('weights'), itemScale),
      tables: { items: shape.embeddingSize },
      step: await compileStep(trainingSpec(shape, { windows, negatives }), (ops, p, i) =>
        sequentialLoss(ops, p, i, shape),
      ),
      batches: (its) => sequentialBatches(sequences, drawn, masks, shape, { ...options, windows, negatives }, its),
      positions,
      identity: { shape },
      validation,
    },
    options,
    environment,
  )
}
