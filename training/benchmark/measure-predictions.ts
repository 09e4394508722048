import type { Estimate } from '../../models/artifact/manifest.ts'
import { createRandom } from '../backend/random.ts'
import type { PredictionTask } from '../datasets/prediction-table.ts'
import { bootstrapStatistic } from '../evaluation/bootstrap-statistic.ts'
import { auc, averagePrecision, brier, logLoss } from '../evaluation/classification.ts'
import { pick } from '../evaluation/metric-row.ts'
import { spearman } from '../evaluation/ranks.ts'
import { mae, r2, rmse } from '../evaluation/regression.ts'
import { expectedCalibrationError } from '../evaluation/reliability.ts'

type Statistic = (prediction: ArrayLike<number>, actual: ArrayLike<number>) => number

const statistics: Readonly<Record<PredictionTask, Readonly<Record<string, Statistic>>>> = {
  regression: { rmse, mae, r2, spearman },
  binary: { auc, 'pr-auc': averagePrecision, 'log loss': logLoss, brier, ece: expectedCalibrationError },
}

const resamples = 300

/**
 * What predictions are worth, with 95 % bootstrap intervals; the same resamples for every model that is measured with the same seed.
 *
 * @param prediction `[n]`: values, or probabilities of a binary task
 * @param groups     `[n]`: whole groups are drawn where there are any
 * @returns without what the outcomes leave undefined
 */
export function measurePredictions(
  task: PredictionTask,
  prediction: ArrayLike<number>,
  actual: ArrayLike<number>,
  { seed, groups }: { readonly seed: number; readonly groups: ArrayLike<number> | undefined },
): Record<string, Estimate> {
  const figures = Object.entries(statistics[task]).map(([name, statistic]) => {
    const estimate = bootstrapStatistic(
      actual.length,
      (indices) => statistic(pick(prediction, indices), pick(actual, indices)),
      createRandom(seed).fork('bootstrap'),
      { resamples, ...(groups !== undefined && { groups }) },
    )
    return [name, estimate] as const
  })
  return Object.fromEntries(figures.filter(([, { value }]) => Number.isFinite(value)))
}
