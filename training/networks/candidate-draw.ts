import type { Random } from '../backend/random.ts'
import type { SharedNegatives } from '../datasets/shared-negatives.ts'
import type { PackedBatch } from './packed-batches.ts'

/** What all positions of a batch are told apart from; overwritten by the next batch. */
export interface Candidates {
  /** `[candidates]` item indices. */
  readonly candidates: Int32Array
  /** Of a sample, `[positions, candidates]`, added to the logits: −log of how often one is expected, or so low that it says nothing. */
  readonly offsets?: Float32Array
  /** Where the candidates are all items that anybody had, `[positions]`: which of them the target is. */
  readonly columns?: Int32Array
}

/** Where the candidates of a batch come from. */
export interface CandidateSource {
  /** Of every batch. */
  readonly count: number
  draw(batch: Pick<PackedBatch, 'targets' | 'sequences'>, random: Random): Candidates
}

/** All items that anybody had. One that nobody had is no negative: it could not be a target either. */
export function allCandidates(counts: Float32Array): CandidateSource {
  const candidates = Int32Array.from(counts.keys()).filter((item) => counts[item]! > 0)
  const columnOf = new Int32Array(counts.length)
  for (const [column, item] of candidates.entries()) columnOf[item] = column
  return {
    count: candidates.length,
    draw: ({ targets }) => ({ candidates, columns: targets.map((item) => columnOf[item]!) }),
  }
}

/** A logit that no other comes near. */
const impossible = -1e9

/**
 * Draws candidates: targets of the batch, which come as often as they are popular, and items drawn with the root of that, so that rare ones
 * come up too (mixed negative sampling, Yang et al. 2020). The correction by their expected number makes a softmax over them an estimate of
 * the one over all items (Bengio & Senécal 2008). A candidate says nothing to a position whose target it is, and a target nothing to the other
 * positions of its person.
 */
export class CandidateDraw implements CandidateSource {
  readonly #shared: SharedNegatives
  readonly #inBatch: number
  readonly #candidates: Int32Array
  readonly #corrections: Float32Array
  /** `[items]` share of all targets. */
  readonly #shares: Float64Array
  /** `[items]`: the last of the candidates that is this item, and `[candidates]`: the one before it; −1 for none. */
  readonly #lastPlace: Int32Array
  readonly #placeBefore: Int32Array
  /** `[candidates]`: the sequence whose target it is. */
  readonly #owners: Int32Array
  #offsets = new Float32Array(0)

  /**
   * @param counts  `[items]`: occurrences; at least one above 0
   * @param inBatch targets of the batch, with repeats
   * @param sampled items drawn, fewer than there are
   */
  constructor(counts: Float32Array, shared: SharedNegatives, inBatch: number, sampled: number) {
    const total = counts.reduce((sum, count) => sum + count, 0)
    this.#shared = shared
    this.#inBatch = inBatch
    this.#candidates = new Int32Array(inBatch + sampled)
    this.#corrections = new Float32Array(inBatch + sampled)
    this.#shares = Float64Array.from(counts, (count) => count / total)
    this.#lastPlace = new Int32Array(counts.length).fill(-1)
    this.#placeBefore = new Int32Array(inBatch + sampled)
    this.#owners = new Int32Array(inBatch)
  }

  get count(): number {
    return this.#candidates.length
  }

  draw(batch: Pick<PackedBatch, 'targets' | 'sequences'>, random: Random): Candidates {
    const candidates = this.#candidates
    const corrections = this.#corrections
    const inBatch = this.#inBatch
    this.#shared.draw(candidates.subarray(inBatch), corrections.subarray(inBatch), random)
    for (let i = 0; i < inBatch; i++) {
      let at = random.int(batch.targets.length)
      // At most one window of an epoch is padded, and that in part.
      while (batch.sequences[at]! < 0) at = random.int(batch.targets.length)
      candidates[i] = batch.targets[at]!
      this.#owners[i] = batch.sequences[at]!
    }
    const sampled = candidates.length - inBatch
    for (const [i, item] of candidates.entries()) {
      corrections[i] = -Math.log(inBatch * this.#shares[item]! + sampled * this.#shared.probability(item))
    }
    return { candidates, offsets: this.#fillOffsets(batch) }
  }

  #fillOffsets({ targets, sequences }: Pick<PackedBatch, 'targets' | 'sequences'>): Float32Array {
    const candidates = this.#candidates
    const width = candidates.length
    if (this.#offsets.length !== targets.length * width) this.#offsets = new Float32Array(targets.length * width)
    const offsets = this.#offsets
    for (let at = 0; at < targets.length; at++) offsets.set(this.#corrections, at * width)
    for (const [place, item] of candidates.entries()) {
      this.#placeBefore[place] = this.#lastPlace[item]!
      this.#lastPlace[item] = place
    }
    for (const [at, target] of targets.entries()) {
      for (let place = this.#lastPlace[target]!; place >= 0; place = this.#placeBefore[place]!) {
        offsets[at * width + place] = impossible
      }
    }
    for (const item of candidates) this.#lastPlace[item] = -1
    const runs = runsOf(sequences)
    for (const [place, owner] of this.#owners.entries()) {
      for (const [from, to] of runs.get(owner)!) {
        for (let at = from; at < to; at++) offsets[at * width + place] = impossible
      }
    }
    return offsets
  }
}

/** Where each sequence stands in a batch: from, and up to. */
function runsOf(sequences: Int32Array): ReadonlyMap<number, readonly (readonly [number, number])[]> {
  const runs = new Map<number, [number, number][]>()
  for (let from = 0, to = 0; from < sequences.length; from = to) {
    const sequence = sequences[from]!
    while (to < sequences.length && sequences[to] === sequence) to++
    const its = runs.get(sequence)
    if (its === undefined) runs.set(sequence, [[from, to]])
    else its.push([from, to])
  }
  return runs
}
