import type { Matrix } from '../backend/linear-algebra.ts'
import type { Random } from '../backend/random.ts'
import type { SharedNegatives } from '../datasets/shared-negatives.ts'
import { type PackedBatch, packedBatches } from './packed-batches.ts'
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

/** Candidates of a batch; overwritten by the next one. */
export interface Candidates {
  /** `[n]` item indices. */
  readonly candidates: Int32Array
  /** `[n]`: the sequence whose target each is; −2 for none. */
  readonly owners: Int32Array
  /** `[n]`: −log of how often the item is expected among them. */
  readonly corrections: Float32Array
}

const nobody = -2

/**
 * What all positions of a batch are told apart from: targets of the batch, which come as often as they are popular, and items drawn with
 * the root of that, so that rare ones come up too (mixed negative sampling, Yang et al. 2020). All items once where they are to be as many.
 */
export class CandidateDraw {
  readonly #inBatch: number
  readonly #all: Candidates
  readonly #shared: SharedNegatives
  /** `[items]` share of all targets. */
  readonly #shares: Float64Array

  /** @param counts `[items]`: occurrences; at least one above 0 */
  constructor(counts: Float32Array, shared: SharedNegatives, inBatch: number, sampled: number) {
    const n = inBatch + sampled
    this.#inBatch = inBatch
    this.#shared = shared
    this.#all = {
      candidates: new Int32Array(n),
      owners: new Int32Array(n).fill(nobody),
      corrections: new Float32Array(n),
    }
    const total = counts.reduce((sum, count) => sum + count, 0)
    this.#shares = Float64Array.from(counts, (count) => count / total)
  }

  draw({ targets, sequences }: Pick<PackedBatch, 'targets' | 'sequences'>, random: Random): Candidates {
    const { candidates, owners, corrections } = this.#all
    const inBatch = this.#inBatch
    this.#shared.draw(candidates.subarray(inBatch), corrections.subarray(inBatch), random)
    if (inBatch === 0) return this.#all
    for (let i = 0; i < inBatch; i++) {
      let at = random.int(targets.length)
      // At most one window of an epoch is padded, and that in part.
      while (sequences[at]! < 0) at = random.int(targets.length)
      candidates[i] = targets[at]!
      owners[i] = sequences[at]!
    }
    const sampled = candidates.length - inBatch
    for (const [i, item] of candidates.entries()) {
      corrections[i] = -Math.log(inBatch * this.#shares[item]! + sampled * this.#shared.probability(item))
    }
    return this.#all
  }
}
