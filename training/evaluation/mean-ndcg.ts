import type { Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { ndcg } from './ndcg.ts'
import { rankUsers } from './rank-users.ts'
import type { Scorable } from './score-users.ts'

/** NDCG@k by full ranking, mean over the judged users; what hyper-parameters and epochs are chosen by. */
export async function meanNdcg(
  recommender: Scorable,
  fitted: Interactions,
  heldOut: HeldOut,
  k: number,
  signal?: AbortSignal,
): Promise<number> {
  const lists = await rankUsers(recommender, fitted, heldOut, k, signal)
  const sum = lists.reduce((total, ranked, i) => total + ndcg(ranked, new Set(heldOut.items[i]), k), 0)
  return sum / lists.length
}
