import { EventColumns } from './event-columns.ts'
import type { Interactions } from './interactions.ts'

/** Interactions before they are grouped: three columns in the order of time. */
export interface InteractionColumns {
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  readonly times: ArrayLike<number>
}

export interface GroupingOptions {
  /** Users with fewer interactions are left out; 1 keeps everyone. */
  readonly minInteractions: number
  /** Whether a user's events with one item become one interaction: the first, with the sum of their weights. */
  readonly firstOnly: boolean
}

/**
 * Groups columns of events by user. Users and items are numbered in the order in which they first appear; within a user the order of the
 * columns is kept, so that equal times stay as they came.
 *
 * @param columns equally long, in the order of time
 */
export function groupByUser(columns: InteractionColumns, options: GroupingOptions): Interactions {
  const events = new EventColumns()
  for (const [row, userId] of columns.userIds.entries()) events.push(userId, columns.itemIds[row]!, columns.times[row]!)
  return groupEvents(events, options)
}

/** As `groupByUser`, of events that were numbered while they were read. */
export function groupEvents(events: EventColumns, { minInteractions, firstOnly }: GroupingOptions): Interactions {
  const { userOf, itemOf, times: timeOf, weights: weightOf } = events
  const order = orderByUser(userOf, events.users.ids.length)
  const itemIndices = new Int32Array(order.length)
  const times = new Float64Array(order.length)
  const weights = weightOf && new Float32Array(order.length)
  // Where an item of the user at hand was put; older entries are of users before.
  const placeOf = new Int32Array(events.items.ids.length).fill(-1)
  const newIndex = new Int32Array(events.items.ids.length).fill(-1)
  const users: string[] = []
  const items: string[] = []
  const offsets = [0]
  let kept = 0
  for (let start = 0; start < order.length; ) {
    const user = userOf[order[start]!]!
    const first = kept
    let row = start
    for (; row < order.length && userOf[order[row]!] === user; row++) {
      const event = order[row]!
      const item = itemOf[event]!
      if (firstOnly && placeOf[item]! >= first) {
        if (weights !== undefined) weights[placeOf[item]!]! += weightOf![event]!
        continue
      }
      placeOf[item] = kept
      itemIndices[kept] = item
      times[kept] = timeOf[event]!
      if (weights !== undefined) weights[kept] = weightOf![event]!
      kept++
    }
    if (kept - first < minInteractions) {
      for (let place = first; place < kept; place++) placeOf[itemIndices[place]!] = -1
      kept = first
    } else {
      users.push(events.users.ids[user]!)
      offsets.push(kept)
    }
    start = row
  }
  // Only what is left is numbered.
  for (let place = 0; place < kept; place++) {
    const item = itemIndices[place]!
    if (newIndex[item] === -1) newIndex[item] = items.push(events.items.ids[item]!) - 1
    itemIndices[place] = newIndex[item]!
  }
  return {
    users,
    items,
    offsets: Int32Array.from(offsets),
    itemIndices: itemIndices.slice(0, kept),
    times: times.slice(0, kept),
    ...(weights && { weights: weights.slice(0, kept) }),
  }
}

/** Row numbers sorted by user, stable (counting sort). */
function orderByUser(userOf: Int32Array, userCount: number): Int32Array {
  const next = new Int32Array(userCount + 1)
  for (const user of userOf) next[user + 1]!++
  for (let user = 0; user < userCount; user++) next[user + 1]! += next[user]!
  const order = new Int32Array(userOf.length)
  for (let row = 0; row < userOf.length; row++) order[next[userOf[row]!]!++] = row
  return order
}
