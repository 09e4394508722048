import type { Estimate } from '../../models/artifact/manifest.ts'
import type { PredictionTask } from '../datasets/prediction-table.ts'
import { auc, averagePrecision, brier, logLoss } from '../evaluation/classification.ts'
import { type BootstrapOptions, estimateMetric, type Statistic } from '../evaluation/metric-row.ts'
import { spearman } from '../evaluation/ranks.ts'
import { mae, r2, rmse } from '../evaluation/regression.ts'
import { expectedCalibrationError } from '../evaluation/reliability.ts'

const statistics: Readonly<Record<PredictionTask, Readonly<Record<string, Statistic>>>> = {
  regression: { rmse, mae, r2, spearman },
  binary: { auc, 'pr-auc': averagePrecision, 'log loss': logLoss, brier, ece: expectedCalibrationError },
}

const higherAreBetter = new Set(['r2', 'spearman', 'auc', 'pr-auc'])

/** @param metric as `measurePredictions` names it */
export const higherIsBetter = (metric: string): boolean => higherAreBetter.has(metric)

/**
 * What predictions are worth, with 95 % bootstrap intervals; the same resamples for every model that is measured with the same seed.
 *
 * @param prediction `[n]`: values, or probabilities of a binary task
 * @returns without what the outcomes leave undefined
 */
export function measurePredictions(
  task: PredictionTask,
  prediction: ArrayLike<number>,
  actual: ArrayLike<number>,
  options: BootstrapOptions,
): Record<string, Estimate> {
  const figures = Object.entries(statistics[task]).map(([name, statistic]) => {
    return [name, estimateMetric(options, prediction, actual, statistic)] as const
  })
  return Object.fromEntries(figures.filter(([, { value }]) => Number.isFinite(value)))
}
