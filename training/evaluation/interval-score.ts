/** Ends of the intervals of n examples. */
export interface IntervalEnds {
  readonly lower: ArrayLike<number>
  readonly upper: ArrayLike<number>
}

/**
 * Interval score of each example: the width of its interval, and a penalty for what lies outside. Lower is better; the mean is least for the
 * true quantiles, so that neither wide nor narrow intervals win by themselves.
 *
 * score = (u − l) + 2/α·max(0, l − y, y − u)   (Winkler 1972; Gneiting & Raftery 2007, eq. 43)
 *
 * @param actual `[n]`
 * @param alpha  share that is promised to lie outside, in (0, 1)
 * @returns `[n]`, in the unit of the outcomes
 */
export const intervalScores = (
  { lower, upper }: IntervalEnds,
  actual: ArrayLike<number>,
  alpha: number,
): Float64Array =>
  Float64Array.from(actual, (y, i) => {
    const [l, u] = [lower[i]!, upper[i]!]
    return u - l + (2 / alpha) * Math.max(0, l - y, y - u)
  })
