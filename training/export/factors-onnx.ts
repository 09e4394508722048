import type { FittedRecommender, ServingNetwork } from '../families/family.ts'
import type { NeuMfWeights } from '../networks/neu-mf.ts'
import { exportNeuMf } from './neu-mf-onnx.ts'

/**
 * A factor model as ONNX: score(u, i) = p_uᵀq_i + bias_i; `user` int32 [n], `item` int32 [n] → `score` float32 [n]. It is NeuMF without a
 * perceptron.
 *
 * @param users `[users, size]`
 * @param items `[items, size]`
 * @param itemBias `[items]`; zeros when absent
 */
export function exportFactors(
  { users, items, itemBias }: { users: Float32Array; items: Float32Array; itemBias?: Float32Array },
  size: number,
  score: FittedRecommender['score'],
): ServingNetwork {
  const itemCount = items.length / size
  const weights: NeuMfWeights = {
    shape: { variant: 'gmf', userCount: users.length / size, itemCount, gmfSize: size, mlpSize: 0, hiddenSizes: [] },
    parameters: {
      userFactors: users,
      itemFactors: items,
      itemBias: itemBias ?? new Float32Array(itemCount),
      outputGmf: new Float32Array(size).fill(1),
    },
  }
  return { onnx: exportNeuMf(weights), historyLength: undefined, score }
}
