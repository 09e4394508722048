import type { Estimate } from '../../models/artifact/manifest.ts'
import { createRandom } from '../backend/random.ts'
import { mean } from './mean.ts'
import { quantile } from './quantile.ts'

const resamples = 1000

/**
 * Mean over users with a 95 % percentile bootstrap interval (Efron 1979), users resampled with replacement.
 *
 * @param values one per user; NaN counts as absent
 * @returns NaN with no interval when there is no value
 */
export function bootstrapMean(values: Float64Array, seed: number): Estimate {
  const present = values.filter((value) => !Number.isNaN(value))
  if (present.length < 2) return { value: present[0] ?? Number.NaN, low: null, high: null }
  const means = bootstrapMeans(present, seed)
  return { value: mean(present), low: quantile(means, 0.025), high: quantile(means, 0.975) }
}

/** A model against a baseline, user by user: far tighter than comparing two intervals. */
export interface PairedComparison {
  /** Mean of model − baseline with its 95 % interval. */
  readonly difference: Estimate
  /** Share of resamples in which the model is ahead. */
  readonly probabilityAhead: number
}

/**
 * @param model, baseline one value per user, the same users in the same order
 */
export function comparePaired(model: Float64Array, baseline: Float64Array, seed: number): PairedComparison {
  const differences = model.map((value, user) => value - baseline[user]!).filter((value) => !Number.isNaN(value))
  if (differences.length < 2) {
    return { difference: { value: differences[0] ?? Number.NaN, low: null, high: null }, probabilityAhead: Number.NaN }
  }
  const means = bootstrapMeans(differences, seed)
  return {
    difference: { value: mean(differences), low: quantile(means, 0.025), high: quantile(means, 0.975) },
    probabilityAhead: means.filter((value) => value > 0).length / means.length,
  }
}

/** Means of the resamples, ascending. */
function bootstrapMeans(values: Float64Array, seed: number): Float64Array {
  const random = createRandom(seed)
  const means = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[random.int(values.length)]!
    means[r] = sum / values.length
  }
  return means.sort()
}
