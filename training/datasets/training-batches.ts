import type { GroupedBatch } from '../backend/neu-mf-step.ts'
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
}

/** How many batches an epoch has. */
export const batchCount = ({ itemIndices }: Interactions, { batchSize }: BatchOptions): number =>
  Math.ceil(itemIndices.length / batchSize)

/**
 * One epoch: as many positives as there are interactions, in random order, each with fresh negatives. Every interaction comes once or,
 * with a half-life, as often as its age allows.
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
 * Indices of an epoch's positives, ascending: interaction i is expected n·w_i/Σw times with w = 2^(−age / half-life), by systematic sampling,
 * so that no interaction comes more than once above or below what is expected of it.
 */
function drawPositives(
  { itemIndices, times }: Interactions,
  { recencyHalfLifeDays }: BatchOptions,
  random: Random,
): Int32Array {
  const order = Int32Array.from(itemIndices, (_, i) => i)
  if (recencyHalfLifeDays === null) return order
  const newest = times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY)
  const weights = times.map((time) => 2 ** ((time - newest) / (recencyHalfLifeDays * 86_400)))
  const scale = order.length / weights.reduce((sum, weight) => sum + weight, 0)
  const first = random.uniform()
  let drawn = 0
  let expected = 0
  // Should rounding leave the last place open, it keeps the last interaction.
  for (const [i, weight] of weights.entries()) {
    expected += weight * scale
    while (drawn < order.length && drawn + first < expected) order[drawn++] = i
  }
  return order
}
