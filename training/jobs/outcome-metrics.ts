import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import { type IntervalEnds, intervalScores } from '../evaluation/interval-score.ts'
import { mean } from '../evaluation/mean.ts'
import { metricRow } from '../evaluation/metric-row.ts'
import { spearman } from '../evaluation/ranks.ts'
import { coverage, mae, r2, rmse } from '../evaluation/regression.ts'
import { learnedName } from './outcome-targets.ts'
import type { TestOutcome } from './test-outcomes.ts'

/** Outcomes before publication and, with early counts, after the first day; `[T]` each. */
export type OutcomeTests = readonly [readonly TestOutcome[], (readonly TestOutcome[])?]

/** Ends the names of metrics of that moment. */
export const afterFirstDay = 'after the first day'

/**
 * The headline first: RMSE, MAE, R² and rank correlation of the main target; then the RMSE of every other; then how far the share of the
 * main target's outcomes within the interval is from the promised one, and how good its intervals are; then the main target after the
 * first day, where there are early counts.
 *
 * @param tests    before publication and, with early counts, after the first day; `[moments][T]`
 * @param promised share within the interval, e.g. 0.8
 */
export function outcomeMetrics(
  tests: OutcomeTests,
  names: readonly OutcomeName[],
  promised: number,
  seed: number,
): [MetricRow, ...MetricRow[]] {
  const [test, later] = tests
  const main = test[0]!
  const [name, others] = [names[0]!, names.slice(1)]
  const on = (outcome: TestOutcome, metric: string, higherIsBetter: boolean, statistic: typeof rmse, resamples = 300) =>
    metricRow({ metric, higherIsBetter, seed, resamples, ...groupsOf(outcome) }, outcome, outcome.actual, statistic)
  const rows: MetricRow[] = [
    on(main, `MAE of ${learnedName(name)}`, false, mae),
    on(main, `R² of ${learnedName(name)}`, true, r2),
    on(main, `rank correlation of ${name}`, true, spearman, 50),
    ...others.map((other, i) => on(test[i + 1]!, `RMSE of ${learnedName(other)}`, false, rmse, 100)),
    ...intervalMetrics(main, name, promised, seed),
    ...(later === undefined
      ? []
      : [
          on(later[0]!, `RMSE of ${learnedName(name)} ${afterFirstDay}`, false, rmse),
          ...intervalMetrics(later[0]!, `${name} ${afterFirstDay}`, promised, seed),
        ]),
  ]
  // A metric that does not exist, as a correlation where nothing varies, has no line.
  return [
    on(main, `RMSE of ${learnedName(name)}`, false, rmse),
    ...rows.filter((row) => Number.isFinite(row.model.value)),
  ]
}

/** Coverage and score of the intervals of one target, beside intervals that are as wide everywhere. */
function intervalMetrics(outcome: TestOutcome, what: string, promised: number, seed: number): MetricRow[] {
  const { actual, interval, uniform } = outcome
  const missed = (ends: IntervalEnds) => ({
    value: Math.abs(coverage(ends.lower, ends.upper, actual) - promised),
    low: null,
    high: null,
  })
  const scores = (ends: IntervalEnds): Float64Array => intervalScores(ends, actual, 1 - promised)
  return [
    {
      metric: `interval coverage error of ${what}`,
      higherIsBetter: false,
      model: missed(interval),
      baselines: { 'one width': missed(uniform) },
    },
    metricRow(
      { metric: `interval score of ${what}`, higherIsBetter: false, seed, resamples: 100, ...groupsOf(outcome) },
      { model: scores(interval), baselines: { 'one width': scores(uniform) } },
      actual,
      mean,
    ),
  ]
}

const groupsOf = ({ groups }: TestOutcome) => (groups === undefined ? {} : { groups })

/** Share of test examples within the interval. */
export const intervalCoverage = ({ actual, interval }: TestOutcome): number =>
  coverage(interval.lower, interval.upper, actual)
