/**
 * Quantile with linear interpolation between order statistics (numpy's default, type 7 of Hyndman & Fan 1996).
 *
 * @param sorted ascending, `[n ≥ 1]`
 * @param q      in [0, 1]
 * @returns NaN for no values
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q
  const below = Math.floor(at)
  const low = sorted[below]
  if (low === undefined) return Number.NaN
  const high = sorted[below + 1] ?? low
  return low + (high - low) * (at - below)
}
