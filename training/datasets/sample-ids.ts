import { createRandom } from '../backend/random.ts'

/** The same ids are drawn for every run, so that two models are judged on the same. */
const sampleSeed = 1

/**
 * The ids, or a random sample of more than `most`, in the order given.
 *
 * @param what they are, so that samples of different things do not hang together
 */
export function sampleIds(ids: readonly string[], most: number, what: string): readonly string[] {
  if (ids.length <= most) return ids
  const order = Int32Array.from(ids, (_, i) => i)
  createRandom(sampleSeed).fork(what).shuffle(order)
  return Array.from(order.subarray(0, most).sort(), (i) => ids[i]!)
}
