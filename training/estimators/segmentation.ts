import { kmeans } from 'ml-kmeans'
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Principal components of standardised features: point = z·components, `[features, kept]` row-major. */
export interface Projection {
  readonly features: number
  readonly kept: number
  readonly components: Float64Array
  /** Share of the variance that the kept components hold. */
  readonly variance: number
}

/**
 * Principal component analysis by the eigenvectors of the covariance (Pearson 1901); as many components as hold `share` of the
 * variance. The sign of each component is fixed by its largest weight, so that the same data gives the same numbers.
 *
 * @param z `[n, features]`, row-major, mean about 0
 */
export function fitProjection(z: Float64Array, features: number, share: number): Projection {
  const n = z.length / features
  const covariance = Matrix.zeros(features, features)
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < features; a++) {
      for (let b = 0; b <= a; b++) {
        covariance.set(a, b, covariance.get(a, b) + (z[i * features + a]! * z[i * features + b]!) / n)
      }
    }
  }
  for (let a = 0; a < features; a++) for (let b = 0; b < a; b++) covariance.set(b, a, covariance.get(a, b))
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true })
  // Ascending from ml-matrix; the last explains most.
  const order = realEigenvalues.map((value, column) => ({ value, column })).sort((a, b) => b.value - a.value)
  const total = order.reduce((sum, { value }) => sum + Math.max(0, value), 0)
  let kept = 0
  let held = 0
  while (kept < features && held < share * total) held += Math.max(0, order[kept++]!.value)
  kept = Math.max(1, kept)
  const components = new Float64Array(features * kept)
  for (let c = 0; c < kept; c++) {
    const column = Array.from({ length: features }, (_, f) => eigenvectorMatrix.get(f, order[c]!.column))
    const largest = column.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
    column.forEach((value, f) => {
      components[f * kept + c] = largest < 0 ? -value : value
    })
  }
  return { features, kept, components, variance: total === 0 ? 0 : held / total }
}

/** Points of standardised rows; `[n, kept]`, row-major. */
export function project({ features, kept, components }: Projection, z: Float64Array): Float64Array {
  const n = z.length / features
  const points = new Float64Array(n * kept)
  for (let i = 0; i < n; i++) {
    for (let f = 0; f < features; f++) {
      for (let c = 0; c < kept; c++) points[i * kept + c]! += z[i * features + f]! * components[f * kept + c]!
    }
  }
  return points
}

/**
 * k-means with k-means++ starts (Arthur & Vassilvitskii 2007), the tightest of several seeds.
 *
 * @param points `[n, width]`, row-major, n ≥ k
 * @returns centres `[k, width]`, row-major, the largest cluster first
 */
export function fitCentroids(points: Float64Array, width: number, k: number, seed: number, starts = 4): Float64Array {
  const rows = Array.from({ length: points.length / width }, (_, i) => [...points.subarray(i * width, (i + 1) * width)])
  let best: readonly number[][] = []
  let least = Number.POSITIVE_INFINITY
  for (let start = 0; start < starts; start++) {
    const { centroids } = kmeans(rows, k, { seed: seed + start, initialization: 'kmeans++', maxIterations: 100 })
    const flat = Float64Array.from(centroids.flat())
    const inertia = assign(points, width, flat).inertia
    if (inertia < least) {
      least = inertia
      best = centroids
    }
  }
  const { cluster } = assign(points, width, Float64Array.from(best.flat()))
  const sizes = best.map((_, c) => cluster.reduce((count, own) => count + (own === c ? 1 : 0), 0))
  const order = best.map((_, c) => c).sort((a, b) => sizes[b]! - sizes[a]!)
  return Float64Array.from(order.flatMap((c) => best[c]!))
}

/** Nearest centre of each point (the first of equals) and the sum of the squared distances. */
export function assign(
  points: Float64Array,
  width: number,
  centroids: Float64Array,
): { readonly cluster: Int32Array; readonly inertia: number } {
  const n = points.length / width
  const cluster = new Int32Array(n)
  let inertia = 0
  for (let i = 0; i < n; i++) {
    let least = Number.POSITIVE_INFINITY
    for (let c = 0; c * width < centroids.length; c++) {
      let distance = 0
      for (let d = 0; d < width; d++) distance += (points[i * width + d]! - centroids[c * width + d]!) ** 2
      if (distance < least) {
        least = distance
        cluster[i] = c
      }
    }
    inertia += least
  }
  return { cluster, inertia }
}
