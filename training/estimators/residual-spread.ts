import { quantile } from '../evaluation/quantile.ts'
import { type Design, type LinearModel, predictLinear } from './design.ts'
import { fitRidgeByCrossValidation } from './ridge.ts'

/** How far outcomes tend to lie from predictions, row by row: σ = exp(clip(ln σ, lowest, highest)), in no unit of its own. */
export interface ResidualSpread {
  /** ln σ, linear in the columns of a design. */
  readonly lines: LinearModel
  /** Beyond what nearly all rows that it was learned from have, it is not believed. */
  readonly lowest: number
  readonly highest: number
}

/** Of each tail of ln σ, the share of rows that are held back. */
const tail = 0.01
/** Residuals below this share of the median count as that: how near a hit was is luck, and its logarithm has no end. */
const leastShare = 0.1

/**
 * Learns the spread from residuals of rows that did not teach their own prediction: ridge regression of ln|residual|
 * (the spread of Lei et al. 2018, §5.2, on the scale where it is a product of what it depends on).
 *
 * @param rows      in the order of time
 * @param residuals `[rowCount]`; NaN = unknown
 * @returns undefined where most predictions are exact, so that there is no spread
 */
export function fitResidualSpread(
  design: Design,
  rows: Int32Array,
  residuals: ArrayLike<number>,
): ResidualSpread | undefined {
  const known = rows.filter((row) => !Number.isNaN(residuals[row]!))
  const sizes = Float64Array.from(known, (row) => Math.abs(residuals[row]!))
  const least = leastShare * quantile(sizes.slice().sort(), 0.5)
  if (!(least > 0)) return undefined
  const target = new Float64Array(residuals.length).fill(Number.NaN)
  for (const [i, row] of known.entries()) target[row] = Math.log(Math.max(least, sizes[i]!))
  const { model } = fitRidgeByCrossValidation(design, known, target)
  const logs = predictLinear(model, design)
  const sorted = Float64Array.from(known, (row) => logs[row]!).sort()
  return { lines: model, lowest: quantile(sorted, tail), highest: quantile(sorted, 1 - tail) }
}

/** σ of every row of a design, `[rowCount]`, above 0. */
export const spreadOf = ({ lines, lowest, highest }: ResidualSpread, design: Design): Float64Array =>
  predictLinear(lines, design).map((log) => Math.exp(Math.min(highest, Math.max(lowest, log))))
