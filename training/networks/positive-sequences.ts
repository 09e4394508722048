import { historyOf, type Interactions } from '../datasets/interactions.ts'

/** The items of each user that say something good, oldest first; views where nothing is left out. */
export function positiveSequences(interactions: Interactions): Int32Array[] {
  const { weights, offsets } = interactions
  return interactions.users.map((_, user) => {
    const history = historyOf(interactions, user)
    return weights === undefined ? history : history.filter((_item, i) => weights[offsets[user]! + i]! > 0)
  })
}

/** `[items]`: how often each occurs. */
export function countItems(sequences: readonly Int32Array[], itemCount: number): Float32Array {
  const counts = new Float32Array(itemCount)
  for (const sequence of sequences) for (const item of sequence) counts[item]!++
  return counts
}
