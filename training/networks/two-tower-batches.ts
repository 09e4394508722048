import type { Random } from '../backend/random.ts'
import type { CandidateSource } from './candidate-draw.ts'
import { packedBatches } from './packed-batches.ts'
import { maskFrom } from './sequential-batches.ts'
import type { Batch } from './train-network.ts'
import { drawKept, type TwoTowerContent } from './two-tower-content.ts'
import { dropoutPlaces, type TwoTowerShape } from './two-tower-network.ts'

/** What batches are made from, from epoch to epoch. */
export interface TwoTowerBatchData {
  readonly sequences: readonly Int32Array[]
  readonly shape: TwoTowerShape
  /** Windows per batch. */
  readonly windows: number
  readonly candidates: CandidateSource
  /** From `dropoutMasks`. */
  readonly masks: Float32Array
  /** Undefined where nothing is known of any item. */
  readonly content: TwoTowerContent | undefined
}

/** One epoch of `packedBatches` with candidates and dropout, as `trainingSpec` wants it. */
export function* twoTowerBatches(data: TwoTowerBatchData, random: Random): Generator<Batch> {
  const { shape, content, masks } = data
  for (const { positions, ...batch } of packedBatches(data.sequences, data.windows, shape.windowLength, random)) {
    const drawn = data.candidates.draw(batch, random)
    const inputs: Record<string, Float32Array | Int32Array> = { ...batch, ...drawn }
    for (const [place, width] of Object.entries(dropoutPlaces(shape))) {
      inputs[place] = maskFrom(masks, batch.inputs.length * width, random)
    }
    if (content !== undefined) {
      const kept = drawKept(content, random)
      inputs.content = content.numbers.values
      inputs.keep_targets = Float32Array.from(batch.targets, kept)
      inputs.keep_candidates = Float32Array.from(drawn.candidates, kept)
    }
    yield { inputs, positions }
  }
}
