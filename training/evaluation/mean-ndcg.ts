import type { Recommender } from '../classical/recommender.ts'
import type { Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { ndcg } from './ndcg.ts'
import { rankUsers } from './rank-users.ts'

/** NDCG@k by full ranking, mean over the judged users; what hyper-parameters and epochs are chosen by. */
export function meanNdcg(recommender: Recommender, fitted: Interactions, heldOut: HeldOut, k: number): number {
  const lists = rankUsers(recommender, fitted, heldOut, k)
  const sum = lists.reduce((total, ranked, i) => total + ndcg(ranked, new Set(heldOut.items[i]), k), 0)
  return sum / lists.length
}
