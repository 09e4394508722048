import type { Estimate } from '../../models/artifact/manifest.ts'
import { conformalOffsets } from './conformal.ts'
import { mean } from './mean.ts'
import { pick } from './metric-row.ts'
import { quantile } from './quantile.ts'
import { wilsonInterval } from './wilson-interval.ts'

/** Predictions and what came; `[n]` each. */
export interface Outcomes {
  readonly prediction: ArrayLike<number>
  readonly actual: ArrayLike<number>
  /** σ of each, see `conformalOffsets`; by default alike everywhere. */
  readonly spread?: ArrayLike<number>
}

/** Which outcomes lie within their interval, both ends included: 1 or 0 each. */
export const withinInterval = (
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  actual: ArrayLike<number>,
): Uint8Array => Uint8Array.from(actual, (value, i) => (value >= lower[i]! && value <= upper[i]! ? 1 : 0))

const shareWithin = (lower: ArrayLike<number>, upper: ArrayLike<number>, actual: ArrayLike<number>): Estimate =>
  wilsonInterval(
    withinInterval(lower, upper, actual).reduce((sum, value) => sum + value, 0),
    actual.length,
  )

/**
 * How often conformal intervals of several levels hold on later examples.
 *
 * @param past   what the intervals are made from; NaN outcomes do not count
 * @param later  what they are judged on
 * @param levels promised shares in (0, 1); those that `past` is too small for are left out
 */
export function coverageByLevel(
  past: Outcomes,
  later: Outcomes,
  levels: readonly number[],
): readonly { readonly promised: number; readonly covered: Estimate }[] {
  return levels.flatMap((promised) => {
    const { lower, upper } = conformalOffsets(past.prediction, past.actual, 1 - promised, past.spread)
    if (!Number.isFinite(lower) || !Number.isFinite(upper)) return []
    const end = (offset: number) =>
      Float64Array.from(later.prediction, (value, i) => value + offset * (later.spread?.[i] ?? 1))
    return [{ promised, covered: shareWithin(end(lower), end(upper), later.actual) }]
  })
}

/** Examples whose predictions are alike, and their intervals. */
export interface SizeGroup {
  readonly count: number
  readonly meanPrediction: number
  /** Share within the interval. */
  readonly covered: Estimate
  /** Mean ends of the intervals. */
  readonly lower: number
  readonly upper: number
  /** Between which the promised share of the outcomes lies, equal shares outside on either side. */
  readonly actualLower: number
  readonly actualUpper: number
}

/**
 * Whether small and large predictions are covered alike: groups of equal count, ascending by prediction.
 *
 * @param promised share within the intervals
 */
export function intervalsBySize(
  { prediction, actual }: Outcomes,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  promised: number,
  groups = 10,
): readonly SizeGroup[] {
  const order = Int32Array.from({ length: actual.length }, (_, i) => i).sort((a, b) => prediction[a]! - prediction[b]!)
  return Array.from({ length: groups }, (_, g) =>
    order.subarray(Math.round((g * order.length) / groups), Math.round(((g + 1) * order.length) / groups)),
  )
    .filter((rows) => rows.length > 0)
    .map((rows) => {
      const [low, high, y] = [pick(lower, rows), pick(upper, rows), pick(actual, rows)]
      const covered = shareWithin(low, high, y)
      const sorted = y.sort()
      return {
        count: rows.length,
        meanPrediction: mean(pick(prediction, rows)),
        covered,
        lower: mean(low),
        upper: mean(high),
        actualLower: quantile(sorted, (1 - promised) / 2),
        actualUpper: quantile(sorted, (1 + promised) / 2),
      }
    })
}
