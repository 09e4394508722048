import { leastCurvature } from './best-split.ts'

/** A loss by its derivatives with respect to the output; trees fit those. */
export interface BoostingLoss {
  /**
   * Writes gradient and curvature of every row.
   *
   * @param output and the rest: `[rows]`
   */
  readonly derive: (
    output: Float64Array,
    target: Float64Array,
    rows: Int32Array,
    gradient: Float32Array,
    curvature: Float32Array,
  ) => void
  /** Loss of one example. */
  readonly of: (output: number, target: number) => number
}

/** ½(output − y)²: gradient output − y, curvature 1. */
export const squaredError: BoostingLoss = {
  derive: (output, target, rows, gradient, curvature) => {
    for (const row of rows) gradient[row] = output[row]! - target[row]!
    curvature.fill(1)
  },
  of: (output, target) => 0.5 * (output - target) ** 2,
}

/** ln(1 + eᶻ) − y·z of a logit z: gradient p − y, curvature p(1 − p). */
export const logisticLoss: BoostingLoss = {
  derive: (output, target, rows, gradient, curvature) => {
    for (const row of rows) {
      const p = 1 / (1 + Math.exp(-output[row]!))
      gradient[row] = p - target[row]!
      curvature[row] = Math.max(leastCurvature, p * (1 - p))
    }
  },
  of: (z, target) => Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z))),
}
