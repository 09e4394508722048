import type { MetricRow } from '../../models/artifact/manifest.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'
import { metricRow } from '../evaluation/metric-row.ts'
import { spearman } from '../evaluation/ranks.ts'
import { coverage, mae, r2, rmse } from '../evaluation/regression.ts'
import { learnedName } from './engagement-targets.ts'

/** What came and what was predicted for the test contents of one target, as it is learned; only contents whose outcome is known. */
export interface TestOutcome {
  readonly actual: Float64Array
  readonly model: Float64Array
  readonly baselines: Readonly<Record<'creator mean' | 'ridge' | 'global mean', Float64Array>>
}

/**
 * Brings predictions of the test part together.
 *
 * @param from.rows        rows of the test part
 * @param from.actual      `[T][all contents]`, as is creatorMean
 * @param from.model       `[T][test rows]`, as is ridge
 * @param from.trainMean   `[T]`
 */
export function testOutcomes(from: {
  readonly rows: Int32Array
  readonly actual: readonly Float64Array[]
  readonly model: readonly Float64Array[]
  readonly ridge: readonly Float64Array[]
  readonly creatorMean: readonly Float64Array[]
  readonly trainMean: readonly number[]
}): readonly TestOutcome[] {
  return from.actual.map((actual, t) => {
    const kept = Array.from(from.rows, (row, i) => ({ row, i })).filter(({ row }) => !Number.isNaN(actual[row]!))
    const mean = from.trainMean[t]!
    const history = (row: number): number => {
      const value = from.creatorMean[t]![row]!
      return Number.isNaN(value) ? mean : value
    }
    return {
      actual: Float64Array.from(kept, ({ row }) => actual[row]!),
      model: Float64Array.from(kept, ({ i }) => from.model[t]![i]!),
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
 * main target's outcomes within the interval is from the promised one.
 *
 * @param promised share within the interval, e.g. 0.8
 */
export function engagementMetrics(
  test: readonly TestOutcome[],
  names: readonly OutcomeName[],
  offsets: readonly ConformalOffsets[],
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
    {
      metric: `interval coverage error of ${name}`,
      higherIsBetter: false,
      model: { value: Math.abs(intervalCoverage(main, offsets[0]!) - promised), low: null, high: null },
      baselines: {},
    },
  ]
  // A metric that does not exist, as a correlation where nothing varies, has no line.
  return [
    on(main, `RMSE of ${learnedName(name)}`, false, rmse),
    ...rows.filter((row) => Number.isFinite(row.model.value)),
  ]
}

/** Share of test contents within the interval. */
export const intervalCoverage = ({ actual, model }: TestOutcome, { lower, upper }: ConformalOffsets): number =>
  coverage(
    model.map((value) => value + lower),
    model.map((value) => value + upper),
    actual,
  )
