import type { Interactions } from '../datasets/interactions.ts'

/** The interactions by item: those of item i are at offsets[i] … offsets[i + 1] − 1, in the order of users. */
export interface ItemOccurrences {
  readonly offsets: Int32Array
  /** `[interactions]` */
  readonly users: Int32Array
  /** `[interactions]`: index into the interactions' own `itemIndices`. */
  readonly positions: Int32Array
}

/** Transposes the user × item matrix (counting sort). */
export function occurrencesByItem({ offsets, itemIndices, users, items }: Interactions): ItemOccurrences {
  const starts = new Int32Array(items.length + 1)
  for (const item of itemIndices) starts[item + 1]!++
  for (let item = 0; item < items.length; item++) starts[item + 1]! += starts[item]!
  const next = starts.slice()
  const byItem = {
    offsets: starts,
    users: new Int32Array(itemIndices.length),
    positions: new Int32Array(itemIndices.length),
  }
  for (let user = 0; user < users.length; user++) {
    for (let position = offsets[user]!; position < offsets[user + 1]!; position++) {
      const slot = next[itemIndices[position]!]!++
      byItem.users[slot] = user
      byItem.positions[slot] = position
    }
  }
  return byItem
}
