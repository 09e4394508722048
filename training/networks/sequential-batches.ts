import type { Random } from '../backend/random.ts'
import type { SharedNegatives } from '../datasets/shared-negatives.ts'
import { packedBatches } from './packed-batches.ts'
import { dropoutPlaces, type SequentialShape } from './sequential-network.ts'
import type { Batch } from './train-network.ts'

export interface SequentialBatchOptions {
  /** Windows per batch. */
  readonly windows: number
  readonly negatives: number
  readonly dropout: number
}

/**
 * One epoch of `packedBatches` with negatives and dropout, as `trainingSpec` wants it.
 *
 * @param masks from `dropoutMasks`
 */
export function* sequentialBatches(
  sequences: readonly Int32Array[],
  negatives: SharedNegatives,
  masks: Float32Array,
  shape: SequentialShape,
  options: SequentialBatchOptions,
  random: Random,
): Generator<Batch> {
  const drawn = new Int32Array(options.negatives)
  const corrections = new Float32Array(options.negatives)
  for (const { positions, ...batch } of packedBatches(sequences, options.windows, shape.windowLength, random)) {
    negatives.draw(drawn, corrections, random)
    const size = batch.inputs.length * shape.embeddingSize
    const dropped = dropoutPlaces(shape).map((place) => [place, maskFrom(masks, size, random)])
    yield {
      inputs: { ...batch, negatives: drawn, corrections, ...Object.fromEntries(dropped) },
      positions,
    }
  }
}

/**
 * A store of dropout masks: 0 with the given probability, else 1/(1 − probability). A batch takes a stretch of it from a random start
 * for each place, which costs nothing, where fresh numbers would cost a tenth of the step.
 *
 * @param size of the largest mask
 */
export function dropoutMasks(size: number, probability: number, random: Random): Float32Array {
  const kept = 1 / (1 - probability)
  return Float32Array.from({ length: 8 * size }, () => (random.uniform() < probability ? 0 : kept))
}

/** A stretch of the store from a random start; a view. */
export function maskFrom(masks: Float32Array, size: number, random: Random): Float32Array {
  const start = random.int(masks.length - size + 1)
  return masks.subarray(start, start + size)
}
