import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import type { Recommender } from '../classical/recommender.ts'
import { historyOf, type Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { type FittedRecommender, unknownUser } from '../families/family.ts'

/** A recommender that may score many users at once. */
export type Scorable = Recommender & Pick<FittedRecommender, 'scoreMany'>

/** Scores held at once: 64 MB; more is no faster. */
const scoresPerBlock = 1 << 24
/** Users of a block at most, so that a signal and the event loop wait for no more than a fraction of a second. */
const usersPerBlock = 256
const turnEveryMs = 20

/**
 * Scores the whole catalogue for each judged user, in blocks where the recommender has `scoreMany`, else one by one.
 *
 * The event loop gets a turn between blocks.
 *
 * @param fitted what the recommender was fitted on; histories are taken from here, unless `heldOut` has its own
 * @param visit  called once per judged user, in order; `scores` `[items]` is overwritten afterwards, `visit` may change it
 * @throws the signal's reason soon after it is aborted; AppError INTERNAL when `visit` throws, naming recommender and user
 */
export async function scoreUsers(
  recommender: Scorable,
  fitted: Interactions,
  heldOut: HeldOut,
  visit: (row: number, history: Int32Array, scores: Float32Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  const items = fitted.items.length
  const users = heldOut.histories === undefined ? heldOut.users : heldOut.users.map(() => unknownUser)
  const histories = heldOut.histories ?? Array.from(users, (user) => historyOf(fitted, user))
  const many = recommender.scoreMany !== undefined
  const blockSize = many ? Math.max(1, Math.min(usersPerBlock, users.length, Math.floor(scoresPerBlock / items))) : 1
  const block = new Float32Array(blockSize * items)
  let turned = performance.now()
  for (let start = 0; start < users.length; start += blockSize) {
    signal?.throwIfAborted()
    const end = Math.min(users.length, start + blockSize)
    const scores = block.subarray(0, (end - start) * items)
    if (many) await recommender.scoreMany!(users.subarray(start, end), histories.slice(start, end), scores)
    else recommender.score(users[start]!, histories[start]!, scores)
    for (let row = start; row < end; row++) {
      const its = scores.subarray((row - start) * items, (row - start + 1) * items)
      try {
        visit(row, histories[row]!, its)
      } catch (cause) {
        throw new AppError('INTERNAL', `${recommender.name}, user ${users[row]}: ${(cause as Error).message}`, {
          cause,
        })
      }
    }
    if (performance.now() - turned < turnEveryMs) continue
    await turnOfTheEventLoop()
    turned = performance.now()
  }
}
