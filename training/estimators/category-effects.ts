/** One value per category, added to what a model says; `[vocabulary]`. The unknown category, row 0, has none. */
export type CategoryEffects = Float64Array

/** One output of a model that effects are to be added to, for every example; `[rowCount]` each. */
export interface Unexplained {
  /** What the model leaves over, in the direction that lowers the loss; NaN = unknown, does not count. */
  readonly residual: Float64Array
  /** Curvature of the loss: how much an example can tell. */
  readonly weight: Float64Array
  /** Loss of an example when `effect` is added to what the model says. */
  readonly loss: (row: number, effect: number) => number
}

/** Squared error: residual y − ŷ, weight 1. */
export function unexplainedValues(actual: ArrayLike<number>, predicted: Float64Array): Unexplained {
  const residual = predicted.map((value, i) => actual[i]! - value)
  return { residual, weight: new Float64Array(residual.length).fill(1), loss: (i, e) => (residual[i]! - e) ** 2 }
}

/** Log loss of a logit z: residual y − p, weight p(1 − p), where p = 1/(1 + e⁻ᶻ). */
export function unexplainedClasses(actual: ArrayLike<number>, logit: Float64Array): Unexplained {
  const probability = logit.map((z) => 1 / (1 + Math.exp(-z)))
  return {
    residual: probability.map((p, i) => actual[i]! - p),
    weight: probability.map((p) => p * (1 - p)),
    loss: (i, effect) => {
      const z = logit[i]! + effect
      return Math.max(z, 0) - z * actual[i]! + Math.log1p(Math.exp(-Math.abs(z)))
    },
  }
}

/**
 * Effect of each category, shrunk towards zero: a random effect (Robinson 1991) by one Newton step, for fields with too many values
 * for a one-hot column. For squared error it is the mean residual as if `strength` more examples without any had been seen.
 *
 * effect = Σ residual / (Σ weight + strength)
 *
 * @param category of every example; `[rowCount]`, 0 = unknown
 * @param rows     examples to learn from
 * @param strength > 0; Infinity gives no effects at all
 */
export function fitCategoryEffects(
  vocabulary: number,
  category: Int32Array,
  { residual, weight }: Unexplained,
  rows: Int32Array,
  strength: number,
): CategoryEffects {
  const sums = new Float64Array(vocabulary)
  const weights = new Float64Array(vocabulary)
  for (const row of rows) {
    if (category[row] === 0 || Number.isNaN(residual[row]!)) continue
    sums[category[row]!]! += residual[row]!
    weights[category[row]!]! += weight[row]!
  }
  return sums.map((sum, v) => sum / (weights[v]! + strength))
}

/** Effects are adopted, or shrunk less, only where they lower the loss by more than this share of it. */
const leastGain = 0.005

/**
 * The strength with the smallest loss on the validation rows, learned from the training rows.
 *
 * @param outputs one per output, in comparable units
 */
export function chooseStrength(
  vocabulary: number,
  category: Int32Array,
  outputs: readonly Unexplained[],
  train: Int32Array,
  valid: Int32Array,
  strengths: readonly number[] = [Number.POSITIVE_INFINITY, 300, 100, 30, 10, 3],
): number {
  let best = strengths[0]!
  let least = Number.POSITIVE_INFINITY
  for (const strength of strengths) {
    let loss = 0
    for (const output of outputs) {
      const effects = fitCategoryEffects(vocabulary, category, output, train, strength)
      for (const row of valid) {
        if (!Number.isNaN(output.residual[row]!)) loss += output.loss(row, effects[category[row]!]!)
      }
    }
    // A tie keeps the stronger shrinkage, which stands first.
    if (loss < least * (1 - leastGain)) {
      least = loss
      best = strength
    }
  }
  return best
}
