import { AppError } from '../../errors.ts'
import { createRandom } from '../backend/random.ts'
import { historyOf, type Interactions } from './interactions.ts'
import { type HeldOut, type InteractionsSplit, sliceUsers } from './interactions-split.ts'

export interface UserGroupOptions {
  /** Share of the users in each group that is wholly held out. */
  readonly validationShare: number
  readonly testShare: number
  /** Share of a held-out user's history that a recommender is shown; it is asked for the rest. */
  readonly shown: number
  readonly seed: number
}

/**
 * Strong generalisation: some users are held out wholly, and answered from the first part of their history alone (Marlin 2004; the split
 * of Liang et al. 2018). It asks for what a new visitor gets without retraining: only families that fold in can do well.
 *
 * All parts number users as the whole does; in what is learned from, held-out users have no interactions. Users with fewer than two
 * interactions are never held out.
 *
 * @throws AppError DATA_INSUFFICIENT when a group would have no user
 */
export function splitByUserGroup(all: Interactions, options: UserGroupOptions): InteractionsSplit {
  const eligible = Int32Array.from(all.users.keys()).filter((user) => historyOf(all, user).length >= 2)
  createRandom(options.seed).fork('user groups').shuffle(eligible)
  const testCount = Math.round(eligible.length * options.testShare)
  const validationCount = Math.round(eligible.length * options.validationShare)
  if (Math.min(testCount, validationCount) < 1 || testCount + validationCount >= all.users.length) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      `A split by users needs a test group (${testCount} users), a validation group (${validationCount}) and others to learn from; ${eligible.length} of ${all.users.length} users have two interactions or more. Use larger shares, or more data.`,
    )
  }
  const test = eligible.subarray(0, testCount).sort()
  const validation = eligible.subarray(testCount, testCount + validationCount).sort()
  const without = (left: ReadonlySet<number>): Interactions =>
    sliceUsers(all, (user) => (left.has(user) ? 0 : historyOf(all, user).length))
  return {
    name: 'user-group',
    train: without(new Set([...validation, ...test])),
    validation: heldOutOf(all, validation, options.shown),
    trainAndValidation: without(new Set(test)),
    test: heldOutOf(all, test, options.shown),
  }
}

function heldOutOf(all: Interactions, group: Int32Array, shown: number): HeldOut {
  const judged = Array.from(group, (user) => {
    const history = historyOf(all, user)
    const end = Math.min(history.length - 1, Math.max(1, Math.round(history.length * shown)))
    const known = new Set(history.subarray(0, end))
    const rest = new Set(history.subarray(end).filter((item) => !known.has(item)))
    return { user, history: history.slice(0, end), items: Int32Array.from(rest) }
  }).filter(({ items }) => items.length > 0)
  return {
    users: Int32Array.from(judged, ({ user }) => user),
    items: judged.map(({ items }) => items),
    histories: judged.map(({ history }) => history),
  }
}
