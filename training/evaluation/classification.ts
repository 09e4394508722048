import { ranks } from './ranks.ts'

/**
 * Area under the ROC curve: the chance that a positive example scores above a negative one, ties counting half.
 *
 * AUC = (Σ ranks of positives − P(P + 1)/2) / (P·N)   (Mann & Whitney 1947)
 *
 * @param score  higher = more likely positive; any scale
 * @param actual 1 = positive, 0 = negative
 * @returns a number in [0, 1]; NaN when one class is absent
 */
export function auc(score: ArrayLike<number>, actual: ArrayLike<number>): number {
  const r = ranks(score)
  let positives = 0
  let sum = 0
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] === 1) {
      positives++
      sum += r[i]!
    }
  }
  const negatives = actual.length - positives
  return positives === 0 || negatives === 0
    ? Number.NaN
    : (sum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/**
 * Area under the precision-recall curve as average precision; examples with one score enter together.
 *
 * AP = Σ (recallₜ − recallₜ₋₁)·precisionₜ over distinct scores, descending
 *
 * @returns a number in [0, 1]; NaN without a positive. A scorer without information gets the base rate.
 */
export function averagePrecision(score: ArrayLike<number>, actual: ArrayLike<number>): number {
  const order = Uint32Array.from({ length: score.length }, (_, i) => i).sort((a, b) => score[b]! - score[a]!)
  let hits = 0
  let sum = 0
  for (let start = 0; start < order.length; ) {
    let end = start
    let found = 0
    while (end < order.length && score[order[end]!] === score[order[start]!]) found += actual[order[end++]!]!
    hits += found
    sum += (found * hits) / end
    start = end
  }
  return hits === 0 || hits === order.length ? Number.NaN : sum / hits
}

/**
 * Mean negative log likelihood, nats.
 *
 * @param probability of the positive class; clipped to [1e-7, 1 − 1e-7] so that one certain error stays finite
 */
export function logLoss(probability: ArrayLike<number>, actual: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < actual.length; i++) {
    const p = Math.min(1 - 1e-7, Math.max(1e-7, probability[i]!))
    sum -= actual[i] === 1 ? Math.log(p) : Math.log(1 - p)
  }
  return sum / actual.length
}

/** Mean squared difference between probability and outcome (Brier 1950); 0 is perfect. */
export function brier(probability: ArrayLike<number>, actual: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < actual.length; i++) sum += (probability[i]! - actual[i]!) ** 2
  return sum / actual.length
}
