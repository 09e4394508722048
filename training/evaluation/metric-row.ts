import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { createRandom } from '../backend/random.ts'
import { bootstrapStatistic } from './bootstrap-statistic.ts'

/** Predictions of the model and of each baseline for the same n examples. */
export interface Contenders {
  readonly model: ArrayLike<number>
  readonly baselines: Readonly<Record<string, ArrayLike<number>>>
}

export interface BootstrapOptions {
  readonly seed: number
  /** Bootstrap resamples; 0 for no interval. */
  readonly resamples?: number
  /** Group of each example: whole groups are drawn. */
  readonly groups?: ArrayLike<number>
}

export interface MetricOptions extends BootstrapOptions {
  readonly metric: string
  readonly higherIsBetter: boolean
}

export type Statistic = (prediction: ArrayLike<number>, actual: ArrayLike<number>) => number

/** A statistic of some predictions with its bootstrap interval; the same seed draws the same resamples, whatever is estimated. */
export const estimateMetric = (
  { seed, resamples = 300, groups }: BootstrapOptions,
  prediction: ArrayLike<number>,
  actual: ArrayLike<number>,
  statistic: Statistic,
): Estimate =>
  bootstrapStatistic(
    actual.length,
    (indices) => statistic(pick(prediction, indices), pick(actual, indices)),
    createRandom(seed).fork('bootstrap'),
    { resamples, ...(groups !== undefined && { groups }) },
  )

/**
 * One metric of the model beside the baselines. All are measured on the same resamples, so that their intervals compare.
 *
 * @param actual `[n]`
 * @returns a row without the contenders whose value is undefined; the model's own value must be defined
 */
export function metricRow(
  options: MetricOptions,
  contenders: Contenders,
  actual: ArrayLike<number>,
  statistic: Statistic,
): MetricRow {
  const { metric, higherIsBetter } = options
  const estimate = (prediction: ArrayLike<number>) => estimateMetric(options, prediction, actual, statistic)
  const baselines = Object.entries(contenders.baselines)
    .map(([name, prediction]) => [name, estimate(prediction)] as const)
    .filter(([, { value }]) => Number.isFinite(value))
  return { metric, higherIsBetter, model: estimate(contenders.model), baselines: Object.fromEntries(baselines) }
}

/** Values at the given indices. */
export const pick = (values: ArrayLike<number>, indices: Int32Array): Float64Array => {
  const picked = new Float64Array(indices.length)
  for (let i = 0; i < indices.length; i++) picked[i] = values[indices[i]!]!
  return picked
}
