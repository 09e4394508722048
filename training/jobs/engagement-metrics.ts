import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import { type IntervalEnds, intervalScores } from '../evaluation/interval-score.ts'
import { mean } from '../evaluation/mean.ts'
import { metricRow } from '../evaluation/metric-row.ts'
import { spearman } from '../evaluation/ranks.ts'
import { coverage, mae, r2, rmse } from '../evaluation/regression.ts'
import { learnedName } from './engagement-targets.ts'
import { intervalEnds, type OutcomeIntervals } from './outcome-intervals.ts'

/** What came and what was predicted for the test contents of one target, as it is learned; only contents whose outcome is known. */
export interface TestOutcome {
  readonly actual: Float64Array
  readonly model: Float64Array
  readonly baselines: Readonly<Record<'creator mean' | 'ridge' | 'global mean', Float64Array>>
  readonly interval: IntervalEnds
  /** Of intervals that are as wide everywhere. */
  readonly uniform: IntervalEnds
  /** σ of each content, see `OutcomeIntervals`. */
  readonly sigma: Float64Array
}

/**
 * Brings predictions of the test part together.
 *
 * @param from.rows        rows of the test part
 * @param from.actual      `[T][all contents]`, as is creatorMean
 * @param from.model       `[T][test rows]`, as is ridge
 * @param from.trainMean   `[T]`, as are intervals
 */
export function testOutcomes(from: {
  readonly rows: Int32Array
  readonly actual: readonly Float64Array[]
  readonly model: readonly Float64Array[]
  readonly ridge: readonly Float64Array[]
  readonly creatorMean: readonly Float64Array[]
  readonly trainMean: readonly number[]
  readonly intervals: readonly OutcomeIntervals[]
}): readonly TestOutcome[] {
  return from.actual.map((actual, t) => {
    const kept = Array.from(from.rows, (row, i) => ({ row, i })).filter(({ row }) => !Number.isNaN(actual[row]!))
    const mean = from.trainMean[t]!
    const history = (row: number): number => {
      const value = from.creatorMean[t]![row]!
      return Number.isNaN(value) ? mean : value
    }
    const model = Float64Array.from(kept, ({ i }) => from.model[t]![i]!)
    const { sigma, offsets, uniform } = from.intervals[t]!
    const its = Float64Array.from(kept, ({ row }) => sigma[row]!)
    return {
      actual: Float64Array.from(kept, ({ row }) => actual[row]!),
      model,
      interval: intervalEnds(model, its, offsets),
      uniform: intervalEnds(model, new Float64Array(kept.length).fill(1), uniform),
      sigma: its,
      baselines: {
        'creator mean': Float64Array.from(kept, ({ row }) => history(row)),
        ridge: Float64Array.from(kept, ({ i }) => from.ridge[t]![i]!),
        'global mean': new Float64Array(kept.length).fill(mean),
      },
    }
  })
}

/**
 * The headline first: RMSE, MAE, R² and rank correlation of the main target; then the RMSE of every other; then how far the share of the
 * main target's outcomes within the interval is from the promised one, and how good its intervals are.
 *
 * @param promised share within the interval, e.g. 0.8
 */
export function engagementMetrics(
  test: readonly TestOutcome[],
  names: readonly OutcomeName[],
  promised: number,
  seed: number,
): [MetricRow, ...MetricRow[]] {
  const main = test[0]!
  const [name, others] = [names[0]!, names.slice(1)]
  const on = (outcome: TestOutcome, metric: string, higherIsBetter: boolean, statistic: typeof rmse, resamples = 300) =>
    metricRow({ metric, higherIsBetter, seed, resamples }, outcome, outcome.actual, statistic)
  const rows: MetricRow[] = [
    on(main, `MAE of ${learnedName(name)}`, false, mae),
    on(main, `R² of ${learnedName(name)}`, true, r2),
    on(main, `rank correlation of ${name}`, true, spearman, 50),
    ...others.map((other, i) => on(test[i + 1]!, `RMSE of ${learnedName(other)}`, false, rmse, 100)),
    ...intervalMetrics(main, name, promised, seed),
  ]
  // A metric that does not exist, as a correlation where nothing varies, has no line.
  return [
    on(main, `RMSE of ${learnedName(name)}`, false, rmse),
    ...rows.filter((row) => Number.isFinite(row.model.value)),
  ]
}

/** Coverage and score of the intervals of one target, beside intervals that are as wide everywhere. */
function intervalMetrics(outcome: TestOutcome, name: OutcomeName, promised: number, seed: number): MetricRow[] {
  const { actual, interval, uniform } = outcome
  const missed = (ends: IntervalEnds) => ({
    value: Math.abs(coverage(ends.lower, ends.upper, actual) - promised),
    low: null,
    high: null,
  })
  const scores = (ends: IntervalEnds): Float64Array => intervalScores(ends, actual, 1 - promised)
  return [
    {
      metric: `interval coverage error of ${name}`,
      higherIsBetter: false,
      model: missed(interval),
      baselines: { 'one width': missed(uniform) },
    },
    metricRow(
      { metric: `interval score of ${learnedName(name)}`, higherIsBetter: false, seed, resamples: 100 },
      { model: scores(interval), baselines: { 'one width': scores(uniform) } },
      actual,
      mean,
    ),
  ]
}

/** Share of test contents within the interval. */
export const intervalCoverage = ({ actual, interval }: TestOutcome): number =>
  coverage(interval.lower, interval.upper, actual)
