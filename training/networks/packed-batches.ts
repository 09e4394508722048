import type { Random } from '../backend/random.ts'
import { packWindows } from '../datasets/packed-windows.ts'

/** Positions of some windows, each with the item at it, the item after it, and the sequence that both belong to. */
export interface PackedBatch {
  /** `[windows · length]` int32; 0 pads. */
  readonly inputs: Int32Array
  readonly targets: Int32Array
  /** −1 pads. */
  readonly sequences: Int32Array
  /** One divided by the number of positions that are no padding; 0 there. */
  readonly weights: Float32Array
  readonly positions: number
}

/**
 * One epoch: every pair of neighbours in the sequences once, in random order of windows; the last batch is padded with positions of
 * weight 0. The yielded arrays are overwritten by the next batch.
 */
export function* packedBatches(
  sequences: readonly Int32Array[],
  windows: number,
  length: number,
  random: Random,
): Generator<PackedBatch> {
  const packed = packWindows(sequences, length, random)
  const size = windows * length
  const inputs = new Int32Array(size)
  const targets = new Int32Array(size)
  const sequenceOf = new Int32Array(size)
  const weights = new Float32Array(size)
  for (let from = 0; from < packed.inputs.length; from += size) {
    const count = Math.min(size, packed.inputs.length - from)
    inputs.fill(0, count).set(packed.inputs.subarray(from, from + count))
    targets.fill(0, count).set(packed.targets.subarray(from, from + count))
    sequenceOf.fill(-1, count).set(packed.sequences.subarray(from, from + count))
    const positions = sequenceOf.reduce((sum, sequence) => sum + (sequence < 0 ? 0 : 1), 0)
    for (let at = 0; at < size; at++) weights[at] = sequenceOf[at]! < 0 ? 0 : 1 / positions
    yield { inputs, targets, sequences: sequenceOf, weights, positions }
  }
}
