/**
 * Ranks from 1 in ascending order; tied values share the mean of their ranks.
 *
 * @param values finite numbers; `[n]`
 * @returns `[n]`
 */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const result = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let i = start; i < end; i++) result[order[i]!] = (start + end + 1) / 2
    start = end
  }
  return result
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, ties shared.
 *
 * @returns a number in [−1, 1]; NaN when either side does not vary
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ra = ranks(a)
  const rb = ranks(b)
  const middle = (a.length + 1) / 2
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < ra.length; i++) {
    const da = ra[i]! - middle
    const db = rb[i]! - middle
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return aa === 0 || bb === 0 ? Number.NaN : ab / Math.sqrt(aa * bb)
}
