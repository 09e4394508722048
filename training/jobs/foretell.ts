import type { IntervalEnds } from '../evaluation/interval-score.ts'
import { type CountedAlready, raiseToCounted } from './counted-already.ts'
import { intervalEnds, type OutcomeIntervals } from './outcome-intervals.ts'

/** What is foretold of one target for n rows, as it is learned: ln(1 + count) or the share. */
export interface Foretold {
  readonly prediction: Float64Array
  readonly interval: IntervalEnds
  /** Of intervals that are as wide everywhere. */
  readonly uniform: IntervalEnds
  /** σ of each row, see `OutcomeIntervals`. */
  readonly sigma: Float64Array
}

/** What turns predictions of every target into what is foretold. */
export interface ForetellBy {
  /** Of target t in a row, as an index into the moments of the intervals. */
  readonly momentOf: (t: number, row: number) => number
  /** `[moments][T]` */
  readonly intervals: readonly (readonly OutcomeIntervals[])[]
  readonly counted: CountedAlready
}

/**
 * Predictions with their intervals, raised to what was counted already: the trainer's twin of `writeRegressionHead`.
 *
 * @param learned `[T][rows]`
 */
export function foretell(
  learned: readonly Float64Array[],
  rows: Int32Array,
  { momentOf, intervals, counted }: ForetellBy,
): readonly Foretold[] {
  return learned.map((values, t) => {
    const at = (i: number): OutcomeIntervals => intervals[momentOf(t, rows[i]!)]![t]!
    const sigma = Float64Array.from(rows, (row, i) => at(i).sigma[row]!)
    const raised = (its: ArrayLike<number>): Float64Array => raiseToCounted(its, rows, counted, t)
    const ends = (width: ArrayLike<number>, which: 'offsets' | 'uniform'): IntervalEnds => {
      const { lower, upper } = intervalEnds(values, width, (i) => at(i)[which])
      return { lower: raised(lower), upper: raised(upper) }
    }
    return {
      prediction: raised(values),
      interval: ends(sigma, 'offsets'),
      uniform: ends(new Float64Array(rows.length).fill(1), 'uniform'),
      sigma,
    }
  })
}
