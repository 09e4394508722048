import { createRandom } from '../backend/random.ts'
import { topItems } from '../classical/top-items.ts'
import { historyOf, type Interactions, type ItemIndex, type UserIndex } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { type Scorable, scoreUsers } from './score-users.ts'

/**
 * Ranks, for each judged user, every item outside their history, and keeps the first `depth`.
 *
 * @param fitted what the recommender was fitted on: each user's history is taken from here, unless `heldOut` has its own
 * @returns one list per judged user, best first; the lower index first among equal scores
 * @throws AppError INTERNAL when a score is NaN: no order would mean anything; the signal's reason when it is aborted
 */
export async function rankUsers(
  recommender: Scorable,
  fitted: Interactions,
  heldOut: HeldOut,
  depth: number,
  signal?: AbortSignal,
): Promise<Int32Array[]> {
  const lists: Int32Array[] = []
  await scoreUsers(
    recommender,
    fitted,
    heldOut,
    (_row, history, scores) => {
      lists.push(rankUnseen(scores, history, depth))
    },
    signal,
  )
  return lists
}

/** The first `depth` items outside the history; leaves −Infinity in `scores` for those within. */
export function rankUnseen(scores: Float32Array, history: Int32Array, depth: number): Int32Array {
  for (const item of history) scores[item] = Number.NEGATIVE_INFINITY
  return topItems(scores, depth)
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
export async function rankAmongNegatives(
  recommender: Scorable,
  fitted: Interactions,
  heldOut: HeldOut,
  all: Interactions,
  signal?: AbortSignal,
): Promise<Int32Array[]> {
  const lists: Int32Array[] = []
  await scoreUsers(
    recommender,
    fitted,
    heldOut,
    (row, _history, scores) => {
      const user = heldOut.users[row]!
      lists.push(rankWithNegatives(scores, heldOut.items[row]![0]!, user, historyOf(all, user)))
    },
    signal,
  )
  return lists
}

/**
 * The item and its 99 negatives, best first.
 *
 * @param item     one that has no score was known to nobody: it is ranked nowhere
 * @param sequence all that the user ever had
 */
export function rankWithNegatives(
  scores: Float32Array,
  item: ItemIndex,
  user: UserIndex,
  sequence: Int32Array,
): Int32Array {
  const negatives = sampleNegatives(user, sequence, scores.length)
  const candidates = Int32Array.from(item < scores.length ? [item, ...negatives] : negatives).sort()
  return topItems(scores, candidates.length, candidates)
}

/** 99 distinct items that are not in `sequence`. */
export function sampleNegatives(user: UserIndex, sequence: Int32Array, itemCount: number): ItemIndex[] {
  const taken = new Set<ItemIndex>(sequence.filter((item) => item < itemCount))
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
