import { fitPlatt, type PlattScale, recentre } from '../evaluation/platt.ts'
import type { TabularModel } from './tabular-model.ts'

/**
 * Calibrates a classifier on rows that the network before the refit was not fitted on: its slope, and the base rate of the final network.
 *
 * @param rows  of the validation part
 * @param actual `[rows]`, 1 or 0
 * @param refit whether the final network is another than the one before
 */
export function calibrateTabular(
  model: Pick<TabularModel, 'predict'>,
  rows: Int32Array,
  actual: ArrayLike<number>,
  refit: boolean,
): PlattScale {
  const platt = fitPlatt(model.predict('judged', rows), actual)
  if (!refit) return platt
  return { slope: platt.slope, intercept: recentre(model.predict('final', rows), actual, platt.slope) }
}
