import { AppError } from '../../errors.ts'
import { groupByUser, historyOf, type Interactions } from './interactions.ts'
import type { HeldOut } from './interactions-split.ts'
import type { SequenceFile } from './sequence-file.ts'

/** A split that somebody published: all parts share one numbering of users and items. */
export interface GivenSplit {
  readonly train: Interactions
  /** Absent when no validation file is given. */
  readonly validation: HeldOut | undefined
  readonly test: HeldOut
  /** Held-out pairs left out because the user or the item is not in the training file, or the pair already is. */
  readonly unjudged: number
}

/**
 * Joins the parts of a published split.
 *
 * A held-out item that no training line has can be found by no model here; it stays, and counts as a miss, when its user is known.
 *
 * @throws AppError INPUT_INVALID when no user of the test file is in the training file
 */
export function joinSplit(train: SequenceFile, validation: SequenceFile | undefined, test: SequenceFile): GivenSplit {
  const fitted = groupByUser(train, { minInteractions: 1, firstOnly: true })
  const items = [...fitted.items]
  const itemIndex = new Map(items.map((id, index) => [id, index]))
  for (const id of [...(validation?.itemIds ?? []), ...test.itemIds]) {
    if (!itemIndex.has(id)) itemIndex.set(id, items.push(id) - 1)
  }
  const whole = { ...fitted, items }
  const userIndex = new Map(fitted.users.map((id, index) => [id, index]))
  let unjudged = 0
  const heldOut = (part: SequenceFile): HeldOut => {
    const found = new Map<number, Set<number>>()
    for (const [row, userId] of part.userIds.entries()) {
      const user = userIndex.get(userId)
      const item = itemIndex.get(part.itemIds[row]!)!
      if (user === undefined || historyOf(whole, user).includes(item)) {
        unjudged++
        continue
      }
      const its = found.get(user) ?? new Set()
      found.set(user, its.add(item))
    }
    const users = Int32Array.from(found.keys()).sort()
    return { users, items: Array.from(users, (user) => Int32Array.from(found.get(user)!)) }
  }
  const judged = heldOut(test)
  if (judged.users.length === 0) {
    throw new AppError(
      'INPUT_INVALID',
      'No user of the test file has training lines and something new; expected the same user ids in both.',
    )
  }
  return {
    train: whole,
    validation: validation === undefined ? undefined : heldOut(validation),
    test: judged,
    unjudged,
  }
}

/** The training part with the held-out items added at the end of each history, for a refit after validation. */
export function withHeldOut(train: Interactions, { users, items }: HeldOut): Interactions {
  const added = new Map(Array.from(users, (user, i) => [user, items[i]!]))
  const lists = train.users.map((_, user) => [...historyOf(train, user), ...(added.get(user) ?? [])])
  const offsets = new Int32Array(lists.length + 1)
  for (const [user, list] of lists.entries()) offsets[user + 1] = offsets[user]! + list.length
  const itemIndices = Int32Array.from(lists.flat())
  const times = Float64Array.from(lists.flatMap((list) => list.map((_, position) => position)))
  return { ...train, offsets, itemIndices, times }
}
