import { createRandom } from '../backend/random.ts'
import { historyOf } from '../datasets/interactions.ts'
import type { RecommenderDataset } from '../families/family.ts'

type Judgeable = RecommenderDataset & Required<Pick<RecommenderDataset, 'validation'>>

/**
 * The data of a random share of the users, drawn by the seed; a greater share holds the users of a smaller one. Users and items keep their
 * indices: who is left out has no interactions.
 *
 * @param share in (0, 1]
 */
export function shareOfUsers(dataset: Judgeable, share: number, seed: number): Judgeable {
  if (share === 1) return dataset
  const { interactions, validation } = dataset
  const order = Int32Array.from(interactions.users, (_, user) => user)
  createRandom(seed).fork('share of users').shuffle(order)
  const chosen = new Set(order.subarray(0, Math.max(1, Math.round(order.length * share))))
  const offsets = new Int32Array(interactions.offsets.length)
  for (let user = 0; user < interactions.users.length; user++) {
    offsets[user + 1] = offsets[user]! + (chosen.has(user) ? historyOf(interactions, user).length : 0)
  }
  const itemIndices = new Int32Array(offsets.at(-1)!)
  const times = new Float64Array(itemIndices.length)
  const weights = interactions.weights && new Float32Array(itemIndices.length)
  for (const user of chosen) {
    const [from, to] = [interactions.offsets[user]!, interactions.offsets[user + 1]!]
    itemIndices.set(interactions.itemIndices.subarray(from, to), offsets[user])
    times.set(interactions.times.subarray(from, to), offsets[user])
    weights?.set(interactions.weights!.subarray(from, to), offsets[user])
  }
  const judged = [...validation.users.keys()].filter((i) => chosen.has(validation.users[i]!))
  return {
    ...dataset,
    interactions: { ...interactions, offsets, itemIndices, times, ...(weights && { weights }) },
    validation: {
      users: Int32Array.from(judged, (i) => validation.users[i]!),
      items: judged.map((i) => validation.items[i]!),
    },
  }
}
