import type { EngagementPrediction } from './predict-engagement.ts'

/** One of several drafts, among the others. */
export interface Ranked {
  /** Place of the draft in the request. */
  readonly index: number
  readonly value: number
  /** Of (1 + count), against the best: at most 1. */
  readonly factorToBest: number
  /** Whether its interval overlaps that of the best: the difference may then well be none. */
  readonly overlapsBest: boolean
}

/** Ranks drafts by one target, the best first; of equals the first given. @param predictions at least one */
export function rankDrafts(predictions: readonly EngagementPrediction[]): Ranked[] {
  const order = [...predictions.keys()].sort((a, b) => predictions[b]!.value - predictions[a]!.value || a - b)
  const best = predictions[order[0]!]!
  return order.map((index) => {
    const { value, lower, upper } = predictions[index]!
    return {
      index,
      value,
      factorToBest: (1 + value) / (1 + best.value),
      overlapsBest: upper >= best.lower && lower <= best.upper,
    }
  })
}
