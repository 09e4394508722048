/**
 * - `softmax` −log of the positive's share of Σ exp(score) over the positive and its negatives: learns the order of the list
 * - `bce`     binary cross-entropy of each pair, as in the NCF paper
 */
export type RankingLoss = 'softmax' | 'bce'

/**
 * Loss and its gradient with respect to the scores.
 *
 * @param scores    `[positives, groupSize]` row-major; column 0 is the positive, the rest its negatives
 * @param gradients `[positives, groupSize]`, overwritten; of the mean over positives
 * @returns the mean over positives
 */
export function rankingLoss(
  loss: RankingLoss,
  scores: Float32Array,
  groupSize: number,
  gradients: Float32Array,
): number {
  return loss === 'softmax' ? sampledSoftmax(scores, groupSize, gradients) : crossEntropy(scores, groupSize, gradients)
}

function sampledSoftmax(scores: Float32Array, groupSize: number, gradients: Float32Array): number {
  const positives = scores.length / groupSize
  let total = 0
  for (let start = 0; start < scores.length; start += groupSize) {
    let greatest = Number.NEGATIVE_INFINITY
    for (let i = start; i < start + groupSize; i++) greatest = Math.max(greatest, scores[i]!)
    let sum = 0
    for (let i = start; i < start + groupSize; i++) {
      const share = Math.exp(scores[i]! - greatest)
      gradients[i] = share
      sum += share
    }
    total += Math.log(sum) + greatest - scores[start]!
    const scale = 1 / (sum * positives)
    for (let i = start; i < start + groupSize; i++) gradients[i]! *= scale
    gradients[start]! -= 1 / positives
  }
  return total / positives
}

function crossEntropy(scores: Float32Array, groupSize: number, gradients: Float32Array): number {
  const positives = scores.length / groupSize
  let total = 0
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!
    const label = i % groupSize === 0 ? 1 : 0
    // exp of a negative number only, so that nothing overflows
    const e = Math.exp(-Math.abs(score))
    total += Math.max(score, 0) - score * label + Math.log1p(e)
    gradients[i] = ((score >= 0 ? 1 / (1 + e) : e / (1 + e)) - label) / positives
  }
  return total / positives
}
