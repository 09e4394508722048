import type { Estimate } from '../../models/artifact/manifest.ts'

const z = 1.959964

/**
 * A share with its 95 % score interval (Wilson 1927), which stays within [0, 1] and holds for few examples and for shares near 0 and 1.
 *
 * @param hits  of `count` examples
 * @returns NaN without an interval for no examples
 */
export function wilsonInterval(hits: number, count: number): Estimate {
  if (count === 0) return { value: Number.NaN, low: null, high: null }
  const share = hits / count
  const middle = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count)
  const half = (z / (1 + z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2))
  return { value: share, low: middle - half, high: middle + half }
}
