import { AppError } from '../../errors.ts'
import type { MartSource, SqlParameter } from '../../features/sources/mart-source.ts'
import { notErased } from './not-erased.ts'

export type UserIndex = number
export type ItemIndex = number

/** Who interacted with what, in the order of time; users as rows of a sparse matrix (CSR). */
export interface Interactions {
  /** Id of each user index. */
  readonly users: readonly string[]
  /** Id of each item index. */
  readonly items: readonly string[]
  /** `[users + 1]`: the interactions of user u are at offsets[u] … offsets[u + 1] − 1, oldest first. */
  readonly offsets: Int32Array
  /** `[interactions]`: item index of each. */
  readonly itemIndices: Int32Array
  /** `[interactions]`: seconds since 1970, UTC; the position in its list where no time is known. */
  readonly times: Float64Array
  /**
   * `[interactions]`: how much each says. A view says less than a like; 0 says nothing, a negative number dislike. All count 1 when absent.
   */
  readonly weights?: Float32Array
}

/** Interactions before they are grouped: three columns in the order of time. */
export interface InteractionColumns {
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  readonly times: ArrayLike<number>
}

export interface InteractionOptions {
  /** A rating below this does not count as liking; ratings all count when absent. */
  readonly minRating?: number | undefined
  /** Users with fewer interactions are left out; 1 keeps everyone. */
  readonly minInteractions: number
  /** Whether a user's later interactions with the same item are dropped. */
  readonly firstOnly: boolean
}

/** The items a user has interacted with, oldest first; a view, not a copy. */
export const historyOf = ({ offsets, itemIndices }: Interactions, user: UserIndex): Int32Array =>
  itemIndices.subarray(offsets[user]!, offsets[user + 1]!)

/**
 * Reads what users liked from the warehouse: every event but `skip`, ratings from `minRating` on. People who deleted their account or did
 * not agree to personalisation are left out.
 *
 * Ties in time are kept in the order of their event ids: importers number them by the row of the file, and the order within a tie moves
 * metrics by a third on MovieLens.
 *
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 * @throws AppError DATA_INSUFFICIENT when there is no such event
 */
export async function readInteractions(source: MartSource, options: InteractionOptions): Promise<Interactions> {
  const parameters: SqlParameter[] = options.minRating === undefined ? [] : [options.minRating]
  const ratings = options.minRating === undefined ? '' : "AND (i.event_type <> 'rating' OR i.value >= $1)"
  const userIds: string[] = []
  const itemIds: string[] = []
  const times: number[] = []
  const batches = source.read(
    `SELECT i.user_id, i.content_id, cast(extract(epoch from i.occurred_at) as double precision) AS seconds
     FROM fct_interactions i
     WHERE i.event_type <> 'skip' ${ratings} AND ${notErased('i')}
     ORDER BY i.occurred_at, i.event_id`,
    { user_id: 'string', content_id: 'string', seconds: 'float64' },
    parameters,
  )
  for await (const { rowCount, columns } of batches) {
    for (let row = 0; row < rowCount; row++) {
      userIds.push(columns.user_id[row]!)
      itemIds.push(columns.content_id[row]!)
      times.push(columns.seconds[row]!)
    }
  }
  if (userIds.length === 0) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'fct_interactions has no event that counts as liking (any type but skip) of anyone who may be learned from (dim_user: consent_personalization, deleted_at). Import interactions first, e.g. `contentflow sample`.',
    )
  }
  return groupByUser({ userIds, itemIds, times }, options)
}

/**
 * Groups columns of events by user. Users and items are numbered in the order in which they first appear; within a user the order of the
 * columns is kept.
 *
 * @param columns equally long, in the order of time
 */
export function groupByUser(columns: InteractionColumns, options: InteractionOptions): Interactions {
  const allUsers = new Vocabulary()
  const allItems = new Vocabulary()
  const userOf = Int32Array.from(columns.userIds, (id) => allUsers.indexOf(id))
  const itemOf = Int32Array.from(columns.itemIds, (id) => allItems.indexOf(id))
  const order = orderByUser(userOf, allUsers.ids.length)

  // One pass over users: drop repeats, then users with too little, then number what is left.
  const users: string[] = []
  const items = new Vocabulary()
  const offsets = [0]
  const itemIndices = new Int32Array(order.length)
  const times = new Float64Array(order.length)
  let kept = 0
  for (let start = 0; start < order.length; ) {
    const user = userOf[order[start]!]!
    let end = start + 1
    while (end < order.length && userOf[order[end]!] === user) end++
    const rows = options.firstOnly ? firstOfEach(order.subarray(start, end), itemOf) : order.subarray(start, end)
    if (rows.length >= options.minInteractions) {
      for (const row of rows) {
        itemIndices[kept] = items.indexOf(allItems.ids[itemOf[row]!]!)
        times[kept++] = columns.times[row]!
      }
      users.push(allUsers.ids[user]!)
      offsets.push(kept)
    }
    start = end
  }
  return {
    users,
    items: items.ids,
    offsets: Int32Array.from(offsets),
    itemIndices: itemIndices.slice(0, kept),
    times: times.slice(0, kept),
  }
}

class Vocabulary {
  readonly ids: string[] = []
  readonly #indices = new Map<string, number>()

  /** The index of an id, a new one at its first appearance. */
  indexOf(id: string): number {
    const known = this.#indices.get(id)
    if (known !== undefined) return known
    this.#indices.set(id, this.ids.length)
    return this.ids.push(id) - 1
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

function firstOfEach(rows: Int32Array, itemOf: Int32Array): Int32Array {
  const seen = new Set<number>()
  return rows.filter((row) => !seen.has(itemOf[row]!) && seen.add(itemOf[row]!))
}
