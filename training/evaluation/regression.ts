/**
 * Root of the mean squared error, in the unit of the values.
 *
 * RMSE = √(Σ (prediction − actual)² / n)
 *
 * @returns NaN for no examples
 */
export function rmse(prediction: ArrayLike<number>, actual: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < actual.length; i++) sum += (prediction[i]! - actual[i]!) ** 2
  return Math.sqrt(sum / actual.length)
}

/** Mean absolute error, in the unit of the values; NaN for no examples. */
export function mae(prediction: ArrayLike<number>, actual: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < actual.length; i++) sum += Math.abs(prediction[i]! - actual[i]!)
  return sum / actual.length
}

/**
 * Share of variance explained.
 *
 * R² = 1 − Σ (actual − prediction)² / Σ (actual − mean)²
 *
 * @returns a number ≤ 1; NaN when the actual values do not vary
 */
export function r2(prediction: ArrayLike<number>, actual: ArrayLike<number>): number {
  let mean = 0
  for (let i = 0; i < actual.length; i++) mean += actual[i]! / actual.length
  let residual = 0
  let total = 0
  let varies = false
  for (let i = 0; i < actual.length; i++) {
    varies ||= actual[i] !== actual[0]
    residual += (actual[i]! - prediction[i]!) ** 2
    total += (actual[i]! - mean) ** 2
  }
  return varies ? 1 - residual / total : Number.NaN
}

/** Share of actual values within [lower, upper], both ends included; NaN for no examples. */
export function coverage(lower: ArrayLike<number>, upper: ArrayLike<number>, actual: ArrayLike<number>): number {
  let inside = 0
  for (let i = 0; i < actual.length; i++) {
    if (actual[i]! >= lower[i]! && actual[i]! <= upper[i]!) inside++
  }
  return inside / actual.length
}
