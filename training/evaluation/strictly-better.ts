/** Differences below this share of the figures are how floats round, not how models differ. */
const noise = 1e-6

/**
 * Whether one figure is better than another by more than rounding: |a − b| > 10⁻⁶·max(|a|, |b|), in the metric's direction.
 *
 * @returns false when either is not a number
 */
export function strictlyBetter(a: number, b: number, higherIsBetter: boolean): boolean {
  const margin = higherIsBetter ? a - b : b - a
  return margin > noise * Math.max(Math.abs(a), Math.abs(b))
}
