import type { Matrix } from '../backend/linear-algebra.ts'
import type { Random } from '../backend/random.ts'
import type { CandidateDraw } from './candidate-draw.ts'
import { packedBatches } from './packed-batches.ts'
import { maskFrom } from './sequential-batches.ts'
import type { Batch } from './train-network.ts'
import { dropoutPlaces, type TwoTowerShape } from './two-tower-network.ts'

/** What batches are made from, from epoch to epoch. */
export interface TwoTowerBatchData {
  readonly sequences: readonly Int32Array[]
  readonly shape: TwoTowerShape
  /** Windows per batch. */
  readonly windows: number
  readonly candidates: CandidateDraw
  /** From `dropoutMasks`. */
  readonly masks: Float32Array
  /** `[items, width]` numbers of their content, and which items each batch knows by them alone; absent without content. */
  readonly content: { readonly numbers: Matrix; readonly keep: Float32Array } | undefined
}

/** One epoch of `packedBatches` with candidates and dropout, as `trainingSpec` wants it. */
export function* twoTowerBatches(data: TwoTowerBatchData, random: Random): Generator<Batch> {
  const { shape, content, masks } = data
  const items = shape.itemCount
  for (const { positions, ...batch } of packedBatches(data.sequences, data.windows, shape.windowLength, random)) {
    const drawn = data.candidates.draw(batch, random)
    const inputs: Record<string, Float32Array | Int32Array> = { ...batch, ...drawn }
    for (const [place, width] of Object.entries(dropoutPlaces(shape))) {
      inputs[place] = maskFrom(masks, batch.inputs.length * width, random)
    }
    if (content !== undefined) {
      // One decision for an item wherever it occurs in the batch.
      const keep = maskFrom(content.keep, items, random)
      inputs.content = content.numbers.values
      inputs.keep_targets = Float32Array.from(batch.targets, (item) => keep[item]!)
      inputs.keep_candidates = Float32Array.from(drawn.candidates, (item) => keep[item]!)
    }
    yield { inputs, positions }
  }
}
