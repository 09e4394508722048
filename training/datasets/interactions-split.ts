import { AppError } from '../../errors.ts'
import { createRandom } from '../backend/random.ts'
import { historyOf, type Interactions, type ItemIndex, type UserIndex } from './interactions.ts'

/**
 * What is learned from, and what is held out. All parts share the users and items of the whole.
 *
 * Hyper-parameters and the number of epochs are chosen with `train` on `validation`; the model that ships is fitted on `trainAndValidation`
 * and judged once on `test`.
 */
export interface InteractionsSplit {
  readonly name: string
  readonly train: Interactions
  readonly validation: HeldOut
  readonly trainAndValidation: Interactions
  readonly test: HeldOut
}

/** Held-out items of some users: those with a history to rank from, and something held out. */
export interface HeldOut {
  /** `[n]` ascending. */
  readonly users: Int32Array
  /** `[n]`: the items of each, in the order of time, no repeats. */
  readonly items: readonly Int32Array[]
  /** `[n]`: what is known of each, oldest first, where they are no users of the training part; else that part has it. */
  readonly histories?: readonly Int32Array[]
}

/**
 * Leave-last-out: each user's last item is the test, the second-last the validation (protocol P1 of the benchmarks' README). Where
 * interactions have weights, those of 0 and below are never held out; they are learned from when they came before what is.
 *
 * Users with fewer than three interactions of weight above 0 stay in training and are not judged.
 */
export function splitLeaveLast(all: Interactions): InteractionsSplit {
  const lastLiked = Array.from({ length: 2 }, () => new Int32Array(all.users.length).fill(-1))
  for (let user = 0; user < all.users.length; user++) {
    const places = likedPlaces(all, user)
    if (places.length < 3) continue
    for (const fromEnd of [1, 2]) lastLiked[fromEnd - 1]![user] = places[places.length - fromEnd]!
  }
  const cut = (fromEnd: 1 | 2): Interactions =>
    sliceUsers(all, (user) => {
      const place = lastLiked[fromEnd - 1]![user]!
      return (place < 0 ? all.offsets[user + 1]! : place) - all.offsets[user]!
    })
  const judged = Int32Array.from(all.users.keys()).filter((user) => lastLiked[0]![user]! >= 0)
  const heldOut = (fromEnd: 1 | 2): HeldOut => ({
    users: judged,
    items: Array.from(judged, (user) => {
      const place = lastLiked[fromEnd - 1]![user]!
      return all.itemIndices.slice(place, place + 1)
    }),
  })
  return {
    name: 'leave-last',
    train: cut(2),
    validation: heldOut(2),
    trainAndValidation: cut(1),
    test: heldOut(1),
  }
}

/** Where the user's interactions of weight above 0 stand in `itemIndices`. */
function likedPlaces({ offsets, weights }: Interactions, user: UserIndex): Int32Array {
  const places = Int32Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, i) => offsets[user]! + i)
  return weights === undefined ? places : places.filter((place) => weights[place]! > 0)
}

/**
 * One cut in time for everyone: the last `testShare` of the interactions is the test, the `validationShare` before it the validation.
 *
 * Users without history before a cut are not judged after it; items first seen after a cut stay in the test, where no model can find them.
 *
 * @throws AppError DATA_INSUFFICIENT when nobody has a history before the cut and something after it
 */
export function splitByTime(
  all: Interactions,
  shares: { validationShare: number; testShare: number },
): InteractionsSplit {
  const sorted = Float64Array.from(all.times).sort()
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  const validationFrom = at(1 - shares.testShare - shares.validationShare)
  const testFrom = at(1 - shares.testShare)
  const countBefore = (user: UserIndex, time: number): number => {
    let end = all.offsets[user]!
    while (end < all.offsets[user + 1]! && all.times[end]! < time) end++
    return end - all.offsets[user]!
  }
  const heldOut = (from: number, to: number): HeldOut => {
    const users: UserIndex[] = []
    const items: Int32Array[] = []
    for (let user = 0; user < all.users.length; user++) {
      const history = historyOf(all, user)
      const start = countBefore(user, from)
      const known = new Set(history.subarray(0, start))
      const end = all.offsets[user]! + countBefore(user, to)
      const liked = likedPlaces(all, user).filter((place) => place >= all.offsets[user]! + start && place < end)
      const found = new Set(Array.from(liked, (place) => all.itemIndices[place]!).filter((item) => !known.has(item)))
      if (start === 0 || found.size === 0) continue
      users.push(user)
      items.push(Int32Array.from(found))
    }
    if (users.length === 0) {
      throw new AppError(
        'DATA_INSUFFICIENT',
        `No user has interactions both before and after ${new Date(from * 1000).toISOString()}; use the split leave-last, or more data.`,
      )
    }
    return { users: Int32Array.from(users), items }
  }
  return {
    name: 'time',
    train: sliceUsers(all, (user) => countBefore(user, validationFrom)),
    validation: heldOut(validationFrom, testFrom),
    trainAndValidation: sliceUsers(all, (user) => countBefore(user, testFrom)),
    test: heldOut(testFrom, Number.POSITIVE_INFINITY),
  }
}

/**
 * Proves that nothing held out was learned from: no held-out item in the user's history, and none older than it; nothing at all of users
 * who are held out wholly.
 *
 * @throws AppError INTERNAL naming the user and the item
 */
export function assertNoLeak(train: Interactions, heldOut: HeldOut, all: Interactions): void {
  for (const [i, user] of heldOut.users.entries()) {
    const own = heldOut.histories?.[i]
    const history = own ?? historyOf(train, user)
    if (own !== undefined && train.offsets[user + 1]! > train.offsets[user]!) {
      throw new AppError('INTERNAL', `Leak: user ${all.users[user]} is held out, yet is in the training data.`)
    }
    const known = new Set<ItemIndex>(history)
    const [times, end] =
      own === undefined ? [train.times, train.offsets[user + 1]!] : [all.times, all.offsets[user]! + own.length]
    const lastTime = history.length === 0 ? Number.NEGATIVE_INFINITY : times[end - 1]!
    for (const item of heldOut.items[i]!) {
      const time = firstTime(all, user, item)
      if (known.has(item) || time < lastTime) {
        throw new AppError(
          'INTERNAL',
          `Leak: item ${all.items[item]} of user ${all.users[user]} is held out, yet ${known.has(item) ? 'is in the training data' : 'is older than the training data'}.`,
        )
      }
    }
  }
}

function firstTime(all: Interactions, user: UserIndex, item: ItemIndex): number {
  const at = historyOf(all, user).lastIndexOf(item)
  return at < 0 ? Number.NaN : all.times[all.offsets[user]! + at]!
}

/** The first `count(user)` interactions of each user. */
export function sliceUsers(all: Interactions, count: (user: UserIndex) => number): Interactions {
  const offsets = new Int32Array(all.users.length + 1)
  for (let user = 0; user < all.users.length; user++) offsets[user + 1] = offsets[user]! + count(user)
  const itemIndices = new Int32Array(offsets.at(-1)!)
  const times = new Float64Array(itemIndices.length)
  const weights = all.weights && new Float32Array(itemIndices.length)
  for (let user = 0; user < all.users.length; user++) {
    const from = all.offsets[user]!
    const to = from + offsets[user + 1]! - offsets[user]!
    itemIndices.set(all.itemIndices.subarray(from, to), offsets[user]!)
    times.set(all.times.subarray(from, to), offsets[user]!)
    if (all.weights !== undefined) weights!.set(all.weights.subarray(from, to), offsets[user]!)
  }
  return { ...all, offsets, itemIndices, times, ...(weights && { weights }) }
}

/** At most `limit` of the judged users, drawn without replacement; all of them where they are no more. */
export function sampleHeldOut(heldOut: HeldOut, limit: number, seed: number): HeldOut {
  if (heldOut.users.length <= limit) return heldOut
  const order = Int32Array.from(heldOut.users, (_, i) => i)
  createRandom(seed).fork('judged users').shuffle(order)
  const chosen = order.subarray(0, limit).sort()
  const pick = <T>(of: ArrayLike<T>): T[] => Array.from(chosen, (i) => of[i]!)
  return {
    users: Int32Array.from(pick(heldOut.users)),
    items: pick(heldOut.items),
    ...(heldOut.histories && { histories: pick(heldOut.histories) }),
  }
}
