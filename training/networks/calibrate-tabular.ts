import { pick } from '../evaluation/metric-row.ts'
import { fitPlatt, type PlattScale, recentre } from '../evaluation/platt.ts'
import type { TabularModel } from './tabular-model.ts'

/**
 * Calibrates a classifier on rows that the network before the refit was not fitted on: its slope, and the base rate of the final network.
 * All outputs get one scale: each has its own intercept in the network, and few examples do not carry a scale of their own.
 *
 * @param rows  of the validation part
 * @param actual `[rows, T]`, row-major: 1, 0, or NaN where it is not known
 * @param refit whether the final network is another than the one before
 */
export function calibrateTabular(
  model: Pick<TabularModel, 'predict'>,
  rows: Int32Array,
  actual: ArrayLike<number>,
  refit: boolean,
): PlattScale {
  const known = Int32Array.from(actual, (_, i) => i).filter((i) => !Number.isNaN(actual[i]!))
  const outcome = pick(actual, known)
  const platt = fitPlatt(pick(model.predict('judged', rows), known), outcome)
  if (!refit) return platt
  return { slope: platt.slope, intercept: recentre(pick(model.predict('final', rows), known), outcome, platt.slope) }
}
