/** What to add to a prediction, in units of its spread, to get the ends of its interval. */
export interface ConformalOffsets {
  readonly lower: number
  readonly upper: number
}

/**
 * Split-conformal offsets, each tail on its own: the interval of a new example of the same kind covers with probability ≥ 1 − α.
 *
 * lower = the ⌊(n + 1)·α/2⌋-th, upper = the ⌈(n + 1)·(1 − α/2)⌉-th smallest of (actual − prediction)/σ, and the interval is
 * [prediction + lower·σ, prediction + upper·σ]   (Vovk et al. 2005; locally weighted by Lei et al. 2018, §5.2; asymmetric form of Romano
 * et al. 2019). The promise holds for any σ that does not derive from these outcomes; a good one makes it hold for all kinds alike.
 *
 * @param prediction `[n]`, of examples that the model was not fitted on and, where time matters, later than its training data
 * @param actual     `[n]`; examples with NaN do not count
 * @param alpha      share outside, in (0, 1), e.g. 0.2 for 80 %
 * @param spread     σ, `[n]`, above 0: how far outcomes of the kind tend to lie from predictions; by default alike everywhere
 * @returns ∓Infinity where n is too small for the promise (n < 2/α − 1)
 */
export function conformalOffsets(
  prediction: ArrayLike<number>,
  actual: ArrayLike<number>,
  alpha: number,
  spread?: ArrayLike<number>,
): ConformalOffsets {
  const residuals: number[] = []
  for (let i = 0; i < actual.length; i++) {
    const residual = (actual[i]! - prediction[i]!) / (spread?.[i] ?? 1)
    if (Number.isFinite(residual)) residuals.push(residual)
  }
  residuals.sort((a, b) => a - b)
  const n = residuals.length
  // The small slack keeps (n + 1)·α/2 from missing a whole number by rounding.
  const low = Math.floor((n + 1) * (alpha / 2) + 1e-9)
  const high = Math.ceil((n + 1) * (1 - alpha / 2) - 1e-9)
  return {
    lower: low >= 1 ? residuals[low - 1]! : Number.NEGATIVE_INFINITY,
    upper: high <= n ? residuals[high - 1]! : Number.POSITIVE_INFINITY,
  }
}
