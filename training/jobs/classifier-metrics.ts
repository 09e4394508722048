import type { MetricRow } from '../../models/artifact/manifest.ts'
import { auc, averagePrecision, brier, logLoss } from '../evaluation/classification.ts'
import { metricRow } from '../evaluation/metric-row.ts'
import { expectedCalibrationError } from '../evaluation/reliability.ts'

/** Test examples of one question: what became of them, and the probabilities given. */
export interface ClassifierTest {
  /** Ends the names of the metrics, e.g. `before publication`. */
  readonly moment: string
  readonly actual: Float64Array
  readonly model: Float64Array
  /** With the one called `base rate`. */
  readonly baselines: Readonly<Record<string, Float64Array>>
}

/** All metrics of each test; the headline is the AUC of the first. */
export function classifierMetrics(
  tests: readonly [ClassifierTest, ...ClassifierTest[]],
  seed: number,
): [MetricRow, ...MetricRow[]] {
  const rows = tests.flatMap((test) => {
    const on = (name: string, higherIsBetter: boolean, statistic: typeof auc, resamples = 200) =>
      metricRow({ metric: `${name} ${test.moment}`, higherIsBetter, seed, resamples }, test, test.actual, statistic)
    return [
      on('AUC', true, auc),
      on('average precision', true, averagePrecision),
      on('log loss', false, logLoss),
      on('Brier score', false, brier),
      on('calibration error', false, expectedCalibrationError, 0),
    ]
  })
  return [rows[0]!, ...rows.slice(1)]
}
