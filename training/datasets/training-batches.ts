import type { GroupedBatch } from '../backend/neu-mf-step.ts'
import type { Random } from '../backend/random.ts'
import type { Interactions } from './interactions.ts'
import type { NegativeSampler } from './negative-sampling.ts'

export interface BatchOptions {
  /** Positives per batch. */
  readonly batchSize: number
  /** Negatives per positive. */
  readonly negatives: number
}

/** How many batches an epoch has. */
export const batchCount = ({ itemIndices }: Interactions, { batchSize }: BatchOptions): number =>
  Math.ceil(itemIndices.length / batchSize)

/**
 * One epoch: every interaction once, in random order, each with fresh negatives.
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
  const order = Int32Array.from(itemIndices, (_, i) => i)
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
      for (let n = 1; n < groupSize; n++) items[p * groupSize + n] = sampler.draw(userOf[at]!, random)
    }
    yield { users: users.subarray(0, count), items: items.subarray(0, count * groupSize) }
  }
}
