import { AppError } from '../../errors.ts'
import { createRandom } from '../backend/random.ts'
import type { Recommender } from '../classical/recommender.ts'
import { topItems } from '../classical/top-items.ts'
import { historyOf, type Interactions, type ItemIndex } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'

/**
 * Ranks, for each judged user, every item outside their fitted history, and keeps the first `depth`.
 *
 * @param fitted what the recommender was fitted on: each user's history is taken from here, and left out of the ranking
 * @returns one list per judged user, best first; the lower index first among equal scores
 * @throws AppError INTERNAL when a score is NaN: no order would mean anything
 */
export function rankUsers(
  recommender: Recommender,
  fitted: Interactions,
  heldOut: HeldOut,
  depth: number,
): Int32Array[] {
  const scores = new Float32Array(fitted.items.length)
  return Array.from(heldOut.users, (user) => {
    const history = historyOf(fitted, user)
    scoreChecked(recommender, user, history, scores)
    for (const item of history) scores[item] = Number.NEGATIVE_INFINITY
    return topItems(scores, depth)
  })
}

/**
 * Ranks each held-out item among 99 that the user never touched, as the older literature does (He et al. 2017); easier than the full
 * ranking, and not comparable with it.
 *
 * Negatives of the judged user with 0-based row u: mulberry32(seed = u), item = ⌊r·items⌋, rejecting items of the user's whole
 * sequence and repeats.
 *
 * @param all the whole sequences, the held-out part included
 * @returns one list of 100 items per judged user, best first
 */
export function rankAmongNegatives(
  recommender: Recommender,
  fitted: Interactions,
  heldOut: HeldOut,
  all: Interactions,
): Int32Array[] {
  const scores = new Float32Array(fitted.items.length)
  return Array.from(heldOut.users, (user, i) => {
    scoreChecked(recommender, user, historyOf(fitted, user), scores)
    const candidates = [heldOut.items[i]![0]!, ...sampleNegatives(user, historyOf(all, user), all.items.length)]
    return topItems(scores, candidates.length, Int32Array.from(candidates).sort())
  })
}

/** 99 distinct items that are not in `sequence`. */
export function sampleNegatives(user: number, sequence: Int32Array, itemCount: number): ItemIndex[] {
  const taken = new Set<ItemIndex>(sequence)
  const wanted = Math.min(99, itemCount - taken.size)
  const random = createRandom(user)
  const negatives: ItemIndex[] = []
  while (negatives.length < wanted) {
    const item = random.int(itemCount)
    if (taken.has(item)) continue
    taken.add(item)
    negatives.push(item)
  }
  return negatives
}

function scoreChecked(recommender: Recommender, user: number, history: Int32Array, scores: Float32Array): void {
  recommender.score(user, history, scores)
  const bad = scores.findIndex(Number.isNaN)
  if (bad >= 0) {
    throw new AppError('INTERNAL', `${recommender.name} scored item ${bad} for user ${user} NaN; expected a number.`)
  }
}
