import type { IntervalEnds } from '../evaluation/interval-score.ts'
import { type CountedAlready, raiseToCounted } from './counted-already.ts'
import { inOrder, type Ladders } from './ladders.ts'
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
  readonly ladders: Ladders
}

/**
 * Predictions with their intervals, raised to what was counted already, and none below that of an earlier day: the trainer's twin of
 * `writeRegressionHead`.
 *
 * @param learned `[T][rows]`
 */
export function foretell(
  learned: readonly Float64Array[],
  rows: Int32Array,
  { momentOf, intervals, counted, ladders }: ForetellBy,
): readonly Foretold[] {
  const at = (t: number, i: number): OutcomeIntervals => intervals[momentOf(t, rows[i]!)]![t]!
  const sigma = learned.map((_, t) => Float64Array.from(rows, (row, i) => at(t, i).sigma[row]!))
  const one = new Float64Array(rows.length).fill(1)
  const finished = (its: readonly ArrayLike<number>[]): Float64Array[] =>
    inOrder(
      its.map((values, t) => raiseToCounted(values, rows, counted, t)),
      ladders,
    )
  const ends = (width: (t: number) => Float64Array, which: 'offsets' | 'uniform'): IntervalEnds[] => {
    const its = learned.map((values, t) => intervalEnds(values, width(t), (i) => at(t, i)[which]))
    const [lower, upper] = [finished(its.map((end) => end.lower)), finished(its.map((end) => end.upper))]
    return learned.map((_, t) => ({ lower: lower[t]!, upper: upper[t]! }))
  }
  const [interval, uniform] = [ends((t) => sigma[t]!, 'offsets'), ends(() => one, 'uniform')]
  return finished(learned).map((prediction, t) => ({
    prediction,
    interval: interval[t]!,
    uniform: uniform[t]!,
    sigma: sigma[t]!,
  }))
}
