/**
 * Mean silhouette of a partition: how much nearer a point is to its own cluster than to the next one.
 *
 * s = (b − a) / max(a, b), a = mean distance to the others of its cluster, b = to the nearest other cluster   (Rousseeuw 1987)
 *
 * @param points  `[n, width]`, row-major; n² distances are computed
 * @param cluster of each point, integers from 0; `[n]`
 * @returns a number in [−1, 1]; a point alone in its cluster counts 0; NaN for fewer than two clusters
 */
export function silhouette(points: Float64Array, width: number, cluster: ArrayLike<number>): number {
  const n = cluster.length
  let k = 0
  for (let i = 0; i < n; i++) k = Math.max(k, cluster[i]! + 1)
  const sizes = new Float64Array(k)
  for (let i = 0; i < n; i++) sizes[cluster[i]!]!++
  if (sizes.filter((size) => size > 0).length < 2) return Number.NaN
  let total = 0
  const sums = new Float64Array(k)
  for (let i = 0; i < n; i++) {
    const own = cluster[i]!
    if (sizes[own] === 1) continue
    sums.fill(0)
    for (let j = 0; j < n; j++) {
      let distance = 0
      for (let d = 0; d < width; d++) distance += (points[i * width + d]! - points[j * width + d]!) ** 2
      sums[cluster[j]!]! += Math.sqrt(distance)
    }
    const a = sums[own]! / (sizes[own]! - 1)
    let b = Number.POSITIVE_INFINITY
    for (let c = 0; c < k; c++) if (c !== own && sizes[c]! > 0) b = Math.min(b, sums[c]! / sizes[c]!)
    total += a === b ? 0 : (b - a) / Math.max(a, b)
  }
  return total / n
}

/** Share of the variance of the points that lies between the clusters: 1 − within ÷ total; NaN when nothing varies. */
export function explainedVariance(points: Float64Array, width: number, cluster: ArrayLike<number>): number {
  const total = squares(points, width, new Uint8Array(cluster.length))
  return total === 0 ? Number.NaN : 1 - squares(points, width, cluster) / total
}

/** Sum of squared distances to the mean of each cluster. */
function squares(points: Float64Array, width: number, cluster: ArrayLike<number>): number {
  const means = new Map<number, { readonly sum: Float64Array; count: number }>()
  for (let i = 0; i < cluster.length; i++) {
    const mean = means.get(cluster[i]!) ?? { sum: new Float64Array(width), count: 0 }
    means.set(cluster[i]!, mean)
    for (let d = 0; d < width; d++) mean.sum[d]! += points[i * width + d]!
    mean.count++
  }
  let result = 0
  for (let i = 0; i < cluster.length; i++) {
    const { sum, count } = means.get(cluster[i]!)!
    for (let d = 0; d < width; d++) result += (points[i * width + d]! - sum[d]! / count) ** 2
  }
  return result
}
