import type { MetricRow } from '../../models/artifact/manifest.ts'
import { forecastAges } from '../datasets/forecast-table.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import type { ConformalOffsets } from '../evaluation/conformal.ts'
import { metricRow, pick } from '../evaluation/metric-row.ts'
import { coverage, rmse } from '../evaluation/regression.ts'

/** What the counts of test contents grew and what was predicted, in ln(1 + count); `[T][rows]`, NaN = unknown. */
export interface ForecastTest {
  readonly names: readonly OutcomeName[]
  /** A row for each content and age. */
  readonly rows: Int32Array
  /** Of a row, as an index into `forecastAges`. */
  readonly age: (row: number) => number
  /** ln(1 + count) when the growth began. */
  readonly soFar: readonly Float64Array[]
  readonly actual: readonly Float64Array[]
  readonly model: readonly Float64Array[]
  readonly ridge: readonly Float64Array[]
  readonly meanGrowth: readonly Float64Array[]
}

/** The age that the gate judges, an index into `forecastAges`: after the first day. */
export const judgedAge = 1

/** Of a target, the positions in `test.rows` of one age whose growth is known. */
export const known = ({ rows, age, actual }: ForecastTest, t: number, k: number): Int32Array =>
  Int32Array.from(rows.keys()).filter((i) => age(rows[i]!) === k && !Number.isNaN(actual[t]![i]!))

/**
 * RMSE of each target after the first day, the headline first; then that of the headline at every other age; then how far the share of
 * outcomes within the interval is from the promised one.
 */
export function forecastMetrics(
  test: ForecastTest,
  offsets: readonly (readonly ConformalOffsets[])[],
  promised: number,
  seed: number,
): [MetricRow, ...MetricRow[]] {
  const on = (t: number, k: number, resamples: number): MetricRow => {
    const its = known(test, t, k)
    const contenders = {
      model: pick(test.model[t]!, its),
      baselines: {
        ridge: pick(test.ridge[t]!, its),
        'mean growth': pick(test.meanGrowth[t]!, its),
        'no growth': new Float64Array(its.length),
      },
    }
    const metric = `RMSE of ln ${test.names[t]} from day ${forecastAges[k]}`
    return metricRow({ metric, higherIsBetter: false, seed, resamples }, contenders, pick(test.actual[t]!, its), rmse)
  }
  const measured = (t: number, k: number): boolean => known(test, t, k).length > 1
  const others = test.names.flatMap((name, t) =>
    t > 0 && partsOfOutcome(name).days > forecastAges[judgedAge]! && measured(t, judgedAge)
      ? [on(t, judgedAge, 100)]
      : [],
  )
  const ages = forecastAges.flatMap((_, k) => (k !== judgedAge && measured(0, k) ? [on(0, k, 100)] : []))
  const its = known(test, 0, judgedAge)
  return [
    on(0, judgedAge, 300),
    ...ages,
    ...others,
    {
      metric: `interval coverage error of ${test.names[0]} from day ${forecastAges[judgedAge]}`,
      higherIsBetter: false,
      model: { value: Math.abs(coverageOf(test, offsets, 0, judgedAge, its) - promised), low: null, high: null },
      baselines: {},
    },
  ]
}

/** Share of outcomes within the interval. */
export function coverageOf(
  { actual, model }: ForecastTest,
  offsets: readonly (readonly ConformalOffsets[])[],
  t: number,
  k: number,
  its: Int32Array,
): number {
  const { lower, upper } = offsets[k]![t]!
  const predicted = pick(model[t]!, its)
  return coverage(
    predicted.map((value) => Math.max(0, value + lower)),
    predicted.map((value) => Math.max(0, value + upper)),
    pick(actual[t]!, its),
  )
}
