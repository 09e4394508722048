/** One value per category, added to what a model says; `[vocabulary]`. The unknown category, row 0, has none. */
export type CategoryEffects = Float64Array

/**
 * Mean residual of each category, shrunk towards zero as if `strength` more examples without any residual had been seen: a random
 * effect (Robinson 1991), for fields with too many values for a one-hot column.
 *
 * effect = Σ residual / (n + strength)
 *
 * @param category of every example; `[rowCount]`, 0 = unknown
 * @param residual of every example; NaN = unknown, does not count
 * @param rows     examples to learn from
 * @param strength > 0; Infinity gives no effects at all
 */
export function fitCategoryEffects(
  vocabulary: number,
  category: Int32Array,
  residual: ArrayLike<number>,
  rows: Int32Array,
  strength: number,
): CategoryEffects {
  const sums = new Float64Array(vocabulary)
  const counts = new Float64Array(vocabulary)
  for (const row of rows) {
    if (category[row] === 0 || Number.isNaN(residual[row]!)) continue
    sums[category[row]!]! += residual[row]!
    counts[category[row]!]!++
  }
  return sums.map((sum, v) => (counts[v] === 0 ? 0 : sum / (counts[v]! + strength)))
}

/**
 * The strength with the smallest squared error on the validation rows, learned from the training rows.
 *
 * @param residuals one column per output, `[T][rowCount]`, in comparable units
 */
export function chooseStrength(
  vocabulary: number,
  category: Int32Array,
  residuals: readonly ArrayLike<number>[],
  train: Int32Array,
  valid: Int32Array,
  strengths: readonly number[] = [Number.POSITIVE_INFINITY, 300, 100, 30, 10, 3],
): number {
  let best = strengths[0]!
  let least = Number.POSITIVE_INFINITY
  for (const strength of strengths) {
    let error = 0
    for (const residual of residuals) {
      const effects = fitCategoryEffects(vocabulary, category, residual, train, strength)
      for (const row of valid) {
        if (!Number.isNaN(residual[row]!)) error += (residual[row]! - effects[category[row]!]!) ** 2
      }
    }
    // A tie keeps the stronger shrinkage, which stands first.
    if (error < least * (1 - 0.005)) {
      least = error
      best = strength
    }
  }
  return best
}
