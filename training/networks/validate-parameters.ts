import type { Interactions } from '../datasets/interactions.ts'
import { type HeldOut, sampleHeldOut } from '../datasets/interactions-split.ts'
import { meanNdcg } from '../evaluation/mean-ndcg.ts'
import type { FitEnvironment, FittedRecommender } from '../families/family.ts'
import type { NetworkTraining, Parameters } from './train-network.ts'

/**
 * What epochs are chosen by: NDCG@10 of the recommender that some parameters make, on a sample of the validation part.
 *
 * @param validation undefined for a fixed number of epochs; the result is then undefined too
 * @param judgedUsers at most
 * @param open the recommender, closed afterwards
 */
export function validateParameters(
  interactions: Interactions,
  validation: HeldOut | undefined,
  judgedUsers: number,
  { seed, signal }: FitEnvironment,
  open: (parameters: Parameters) => FittedRecommender | Promise<FittedRecommender>,
): NetworkTraining['validation'] {
  if (validation === undefined) return undefined
  const judged = sampleHeldOut(validation, judgedUsers, seed)
  return {
    metric: 'validation/ndcg@10',
    higherIsBetter: true,
    async judge(parameters) {
      const candidate = await open(parameters)
      try {
        return await meanNdcg(candidate, interactions, judged, 10, signal)
      } finally {
        candidate.close()
      }
    },
  }
}
