import { AppError } from '../../errors.ts'
import type { Design } from '../estimators/design.ts'
import { fitResidualSpread, type ResidualSpread, spreadOf } from '../estimators/residual-spread.ts'
import { type ConformalOffsets, conformalOffsets } from '../evaluation/conformal.ts'
import { type IntervalEnds, intervalScores } from '../evaluation/interval-score.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'

/** How the intervals of one target are made at one moment: prediction + offset·σ of the row. */
export interface OutcomeIntervals {
  /** Undefined where intervals that are as wide everywhere did better on the validation part. */
  readonly spread: ResidualSpread | undefined
  /** σ of every row of the table; 1 without a spread. */
  readonly sigma: Float64Array
  readonly offsets: ConformalOffsets
  /** Of intervals that are as wide everywhere, which the others are held against. */
  readonly uniform: ConformalOffsets
}

/** What the intervals of one target are learned from. */
export interface IntervalLesson {
  /** Whose intervals they are, e.g. `contents with known views_7d`. */
  readonly of: string
  readonly design: Design
  /** Rows of the training part, in the order of time, and what a linear model that did not learn from them missed; `[rowCount]`. */
  readonly train: Int32Array
  readonly residuals: Float64Array
  /** Rows of the validation part, what the model foretold of them that did not learn from them, and what came; NaN = unknown. */
  readonly valid: Int32Array
  readonly prediction: Float64Array
  readonly actual: Float64Array
  /** Share outside of the intervals. */
  readonly alpha: number
}

/**
 * Locally weighted conformal intervals: the spread is learned from the training part, the offsets from the later validation part, so that
 * neither saw what the other is judged by. Whether intervals differ in width is decided by the interval score of each half of the
 * validation part with the offsets of the other.
 *
 * @throws AppError DATA_INSUFFICIENT where the validation part is too small for the promise
 */
export function learnIntervals(lesson: IntervalLesson): OutcomeIntervals {
  const { of, design, train, residuals, valid, prediction, actual, alpha } = lesson
  const uniform = conformalOffsets(prediction, actual, alpha)
  if (!Number.isFinite(uniform.lower) || !Number.isFinite(uniform.upper)) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      `The validation part has too few ${of} for an interval of this coverage; import more, or lower intervalCoverage with --set.`,
    )
  }
  const same = { spread: undefined, sigma: new Float64Array(residuals.length).fill(1), offsets: uniform, uniform }
  const spread = fitResidualSpread(design, train, residuals)
  if (spread === undefined) return same
  const sigma = spreadOf(spread, design)
  const its = pick(sigma, valid)
  const known = Int32Array.from(actual.keys()).filter((i) => !Number.isNaN(actual[i]!))
  const score = (of: Float64Array): number => scoreOfHalves(pick(prediction, known), pick(actual, known), of, alpha)
  if (!(score(pick(its, known)) < score(new Float64Array(known.length).fill(1)))) return same
  return { spread, sigma, offsets: conformalOffsets(prediction, actual, alpha, its), uniform }
}

/** Mean interval score of each half with the offsets of the other. */
function scoreOfHalves(prediction: Float64Array, actual: Float64Array, sigma: Float64Array, alpha: number): number {
  const middle = actual.length >> 1
  const halves = [prediction, actual, sigma].map((its) => [its.subarray(0, middle), its.subarray(middle)] as const)
  const scores = [0, 1].flatMap((half) => {
    const [p, y, s] = halves.map((its) => its[half]!) as [Float64Array, Float64Array, Float64Array]
    const [otherP, otherY, otherS] = halves.map((its) => its[1 - half]!) as [Float64Array, Float64Array, Float64Array]
    const offsets = conformalOffsets(otherP, otherY, alpha, otherS)
    return [
      ...intervalScores(
        intervalEnds(p, s, () => offsets),
        y,
        alpha,
      ),
    ]
  })
  return mean(scores)
}

/** Ends of intervals around predictions; `[n]` each. */
export function intervalEnds(
  prediction: Float64Array,
  sigma: ArrayLike<number>,
  offsetsOf: (i: number) => ConformalOffsets,
): IntervalEnds {
  return {
    lower: prediction.map((value, i) => value + offsetsOf(i).lower * sigma[i]!),
    upper: prediction.map((value, i) => value + offsetsOf(i).upper * sigma[i]!),
  }
}
