import type { NamedArrays } from '../backend/graph/compiled-step.ts'
import type { Random } from '../backend/random.ts'
import { packWindows } from '../datasets/packed-windows.ts'
import type { SharedNegatives } from '../datasets/shared-negatives.ts'
import { dropoutPlaces, type SequentialShape } from './sequential-network.ts'

export interface SequentialBatchOptions {
  /** Windows per batch. */
  readonly windows: number
  readonly negatives: number
  readonly dropout: number
}

/** One batch as `trainingSpec` wants it, and how many of its positions predict something. */
export interface SequentialInputs {
  readonly inputs: NamedArrays
  readonly positions: number
}

/**
 * One epoch: every pair of neighbours in the sequences once, in random order of windows; the last batch is padded with positions of
 * weight 0.
 *
 * The yielded arrays are overwritten by the next batch.
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
): Generator<SequentialInputs> {
  const packed = packWindows(sequences, shape.windowLength, random)
  const size = options.windows * shape.windowLength
  const inputs = new Int32Array(size)
  const targets = new Int32Array(size)
  const sequenceOf = new Int32Array(size)
  const weights = new Float32Array(size)
  const drawn = new Int32Array(options.negatives)
  const corrections = new Float32Array(options.negatives)
  for (let from = 0; from < packed.inputs.length; from += size) {
    const count = Math.min(size, packed.inputs.length - from)
    inputs.fill(0, count).set(packed.inputs.subarray(from, from + count))
    targets.fill(0, count).set(packed.targets.subarray(from, from + count))
    sequenceOf.fill(-1, count).set(packed.sequences.subarray(from, from + count))
    const positions = sequenceOf.reduce((sum, sequence) => sum + (sequence < 0 ? 0 : 1), 0)
    for (let at = 0; at < size; at++) weights[at] = sequenceOf[at]! < 0 ? 0 : 1 / positions
    negatives.draw(drawn, corrections, random)
    const dropped = dropoutPlaces(shape).map((place) => [place, maskFrom(masks, size * shape.embeddingSize, random)])
    yield {
      inputs: {
        inputs,
        targets,
        sequences: sequenceOf,
        weights,
        negatives: drawn,
        corrections,
        ...Object.fromEntries(dropped),
      },
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

function maskFrom(masks: Float32Array, size: number, random: Random): Float32Array {
  const start = random.int(masks.length - size + 1)
  return masks.subarray(start, start + size)
}
