import { AppError } from '../../errors.ts'
import type { EventColumns } from './event-columns.ts'
import { groupEvents } from './group-by-user.ts'
import { idMismatch, spelledDifferently } from './id-mismatch.ts'
import { historyOf, type Interactions } from './interactions.ts'
import type { HeldOut } from './interactions-split.ts'

/** A split that somebody published: all parts share one numbering of users and items. */
export interface GivenSplit {
  readonly train: Interactions
  /** Absent when no validation file is given. */
  readonly validation: HeldOut | undefined
  readonly test: HeldOut
  /** Pairs of each held-out part left out because the user is not in the training file, or the pair already is. */
  readonly unjudged: { readonly validation: number; readonly test: number }
}

/**
 * Joins the parts of a published split. Ids are texts, compared exactly.
 *
 * The items that are known (and ranked, and drawn as negatives) are those of training, validation and the catalogue: what is learned does not
 * depend on the test part. An item that the test part alone has is numbered behind them, and counts as a miss. Users of a held-out part who
 * are not in the training part are left out, and counted.
 *
 * @param catalogue ids of items that are known besides
 * @throws AppError INPUT_INVALID when a held-out part shares no user with the training part, or only writes its ids differently
 */
export function joinSplit(
  train: EventColumns,
  validation: EventColumns | undefined,
  test: EventColumns,
  catalogue: readonly string[] = [],
): GivenSplit {
  const fitted = groupEvents(train, { minInteractions: 1, firstOnly: true })
  const items = [...fitted.items]
  const itemIndex = new Map(items.map((id, index) => [id, index]))
  const userIndex = new Map(fitted.users.map((id, index) => [id, index]))
  refuseStrangers('test', test, userIndex, itemIndex)
  if (validation !== undefined) refuseStrangers('validation', validation, userIndex, itemIndex)
  for (const id of [...(validation?.items.ids ?? []), ...catalogue]) {
    if (!itemIndex.has(id)) itemIndex.set(id, items.push(id) - 1)
  }
  for (const id of test.items.ids) if (!itemIndex.has(id)) itemIndex.set(id, itemIndex.size)
  const whole = { ...fitted, items }
  const unjudged = { validation: 0, test: 0 }
  const heldOut = (part: EventColumns, name: keyof typeof unjudged, earlier?: HeldOut): HeldOut => {
    const before = new Map(Array.from(earlier?.users ?? [], (user, i) => [user, earlier!.items[i]!]))
    const found = new Map<number, Set<number>>()
    const ownUser = part.users.ids.map((id) => userIndex.get(id))
    const ownItem = part.items.ids.map((id) => itemIndex.get(id)!)
    for (const [row, itsUser] of part.userOf.entries()) {
      const user = ownUser[itsUser]
      const item = ownItem[part.itemOf[row]!]!
      if (user === undefined || historyOf(whole, user).includes(item) || before.get(user)?.includes(item)) {
        unjudged[name]++
        continue
      }
      const its = found.get(user) ?? new Set()
      found.set(user, its.add(item))
    }
    if (found.size === 0) {
      throw new AppError(
        'INPUT_INVALID',
        `Nobody in the ${name} file has something there that the training file does not have already; expected later items of the same users.`,
      )
    }
    const users = Int32Array.from(found.keys()).sort()
    return { users, items: Array.from(users, (user) => Int32Array.from(found.get(user)!)) }
  }
  const chosenBy = validation && heldOut(validation, 'validation')
  const judged = heldOut(test, 'test', chosenBy)
  return { train: whole, validation: chosenBy, test: judged, unjudged }
}

/** Some users may be new, and even all items: where all are, the files may only write them differently. */
function refuseStrangers(
  name: string,
  part: EventColumns,
  users: ReadonlyMap<string, number>,
  items: ReadonlyMap<string, number>,
): void {
  const refuse = (what: string, reason: string) =>
    new AppError('INPUT_INVALID', `No ${what} of the ${name} file is in the training file: ${reason}`)
  const userIds = part.users.ids
  const itemIds = part.items.ids
  if (part.length === 0) throw refuse('user', 'it has no pair of user and item.')
  if (!userIds.some((id) => users.has(id))) throw refuse('user', idMismatch([...users.keys()], userIds))
  if (itemIds.some((id) => items.has(id))) return
  const difference = spelledDifferently([...items.keys()], itemIds)
  if (difference !== undefined) throw refuse('item', difference)
}

/** The training part with the held-out items added at the end of each history, for a refit after validation. */
export function withHeldOut(train: Interactions, { users, items }: HeldOut): Interactions {
  const added = new Map(Array.from(users, (user, i) => [user, items[i]!]))
  const offsets = new Int32Array(train.users.length + 1)
  for (let user = 0; user < train.users.length; user++) {
    const its = train.offsets[user + 1]! - train.offsets[user]! + (added.get(user)?.length ?? 0)
    offsets[user + 1] = offsets[user]! + its
  }
  const itemIndices = new Int32Array(offsets.at(-1)!)
  const times = new Float64Array(itemIndices.length)
  for (let user = 0; user < train.users.length; user++) {
    const own = historyOf(train, user)
    itemIndices.set(own, offsets[user]!)
    itemIndices.set(added.get(user) ?? [], offsets[user]! + own.length)
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) times[at] = at - offsets[user]!
  }
  return { ...train, offsets, itemIndices, times }
}
