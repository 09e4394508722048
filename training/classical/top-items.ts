/**
 * The k items of the greatest scores, best first; the lower index first among equals. −Infinity is never chosen.
 *
 * @param scores     `[items]`
 * @param candidates ascending item indices to choose from; every item when absent
 * @returns `[≤ k]`
 */
export function topItems(scores: Float32Array, k: number, candidates?: Int32Array): Int32Array {
  const best = new Int32Array(k)
  let count = 0
  let worst = Number.NEGATIVE_INFINITY
  const length = candidates === undefined ? scores.length : candidates.length
  for (let i = 0; i < length; i++) {
    const item = candidates === undefined ? i : candidates[i]!
    const score = scores[item]!
    if (!(score > worst)) continue
    let position = count < k ? count++ : k - 1
    // Strictly greater moves up, so that an equal score of a lower index stays ahead.
    while (position > 0 && scores[best[position - 1]!]! < score) {
      best[position] = best[position - 1]!
      position--
    }
    best[position] = item
    if (count === k) worst = scores[best[k - 1]!]!
  }
  return best.slice(0, count)
}
