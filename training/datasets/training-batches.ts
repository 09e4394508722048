import type { GroupedBatch } from '../backend/neu-mf/neu-mf-trainer.ts'
import type { Random } from '../backend/random.ts'
import type { Interactions } from './interactions.ts'
import type { NegativeSampler } from './negative-sampling.ts'

export interface BatchOptions {
  /** Positives per batch. */
  readonly batchSize: number
  /** Negatives per positive. */
  readonly negatives: number
  /** Age, in days before the newest one, at which an interaction is drawn half as often; null draws each once. */
  readonly recencyHalfLifeDays: number | null
  /** Share of a user's history behind its end, at which an interaction is drawn half as often as the latest; null draws each once. */
  readonly historyHalfLife: number | null
}

/** How many interactions speak for their item: all but those of weight 0 and below. */
export const positiveCount = ({ itemIndices, weights }: Interactions): number =>
  weights === undefined ? itemIndices.length : weights.reduce((count, weight) => count + Number(weight > 0), 0)

/** How many batches an epoch has. */
export const batchCount = (interactions: Interactions, { batchSize }: BatchOptions): number =>
  Math.ceil(positiveCount(interactions) / batchSize)

/**
 * One epoch: as many positives as there are interactions of weight above 0, in random order, each with fresh negatives. Every one comes
 * once or, with weights or a half-life, as often as its weight and age allow.
 *
 * The yielded arrays are overwritten by the next batch.
 */
export function* trainingBatches(
  interactions: Interactions,
  sampler: NegativeSampler,
  options: BatchOptions,
  random: Random,
): Generator<GroupedBatch> {
  const { offsets, itemIndices } = interactions
  const userOf = new Int32Array(itemIndices.length)
  for (let user = 0; user < offsets.length - 1; user++) userOf.fill(user, offsets[user], offsets[user + 1])
  const order = drawPositives(interactions, options, random)
  random.shuffle(order)
  const groupSize = 1 + options.negatives
  const users = new Int32Array(Math.min(options.batchSize, order.length))
  const items = new Int32Array(users.length * groupSize)
  for (let start = 0; start < order.length; start += options.batchSize) {
    const count = Math.min(options.batchSize, order.length - start)
    for (let p = 0; p < count; p++) {
      const at = order[start + p]!
      users[p] = userOf[at]!
      items[p * groupSize] = itemIndices[at]!
      for (let n = 1; n < groupSize; n++) items[p * groupSize + n] = sampler.draw(userOf[at]!, at, random)
    }
    yield { users: users.subarray(0, count), items: items.subarray(0, count * groupSize) }
  }
}

/**
 * Indices of an epoch's positives, ascending: of n interactions of weight above 0, i is expected n·w_i/Σw times with w from `weightsOfDraw`, by
 * systematic sampling, so that none comes more than once above or below what is expected of it.
 */
function drawPositives(interactions: Interactions, options: BatchOptions, random: Random): Int32Array {
  const { weights } = interactions
  const order = Int32Array.from({ length: positiveCount(interactions) }, (_, i) => i)
  if (weights === undefined && options.recencyHalfLifeDays === null && options.historyHalfLife === null) return order
  const drawWeights = weightsOfDraw(interactions, options)
  const scale = order.length / drawWeights.reduce((sum, weight) => sum + weight, 0)
  const first = random.uniform()
  let drawn = 0
  let expected = 0
  let last = 0
  for (const [i, weight] of drawWeights.entries()) {
    if (weight > 0) last = i
    expected += weight * scale
    while (drawn < order.length && drawn + first < expected) order[drawn++] = i
  }
  // Should rounding leave the last place open, it keeps the last interaction that speaks for its item.
  if (drawn < order.length) order.fill(last, drawn)
  return order
}

/** weight·2^(−age / half-life)·2^(−interactions of the user since then / (all of the user · half-life of histories)) */
function weightsOfDraw(
  { offsets, itemIndices, times, weights }: Interactions,
  { recencyHalfLifeDays, historyHalfLife }: BatchOptions,
): Float64Array {
  const drawWeights = Float64Array.from(itemIndices, (_, i) => Math.max(0, weights?.[i] ?? 1))
  if (recencyHalfLifeDays !== null) {
    const newest = times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY)
    for (const [i, time] of times.entries()) drawWeights[i]! *= 2 ** ((time - newest) / (recencyHalfLifeDays * 86_400))
  }
  if (historyHalfLife !== null) {
    for (let user = 0; user < offsets.length - 1; user++) {
      const [from, to] = [offsets[user]!, offsets[user + 1]!]
      for (let i = from; i < to; i++) drawWeights[i]! *= 2 ** ((i - to + 1) / ((to - from) * historyHalfLife))
    }
  }
  return drawWeights
}
