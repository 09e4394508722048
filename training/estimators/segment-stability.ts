import { createRandom } from '../backend/random.ts'
import { adjustedRandIndex } from '../evaluation/adjusted-rand.ts'
import { assign, fitCentroids } from './segmentation.ts'

const refits = 8

/** The halves and their starts are the same for every model, whatever seed it was trained with: none may bring its own judge. */
const judgeSeed = 20_231

/**
 * How well a partition of held-out points is found again from other data: the adjusted Rand index against partitions made by
 * k-means on random halves of the fitting points, one per refit. It depends on the points and the partition alone.
 *
 * @param fitPoints  `[n, width]`, row-major: what the halves are drawn from
 * @param heldOut    `[m, width]`, in the same space
 * @param partition  cluster of each held-out point
 * @param k          number of clusters of the partition
 */
export function stability(
  fitPoints: Float64Array,
  heldOut: Float64Array,
  width: number,
  partition: ArrayLike<number>,
  k: number,
): readonly number[] {
  const n = fitPoints.length / width
  return Array.from({ length: refits }, (_, r) => {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    createRandom(judgeSeed).fork(`half-${r}`).shuffle(order)
    const half = order.subarray(0, Math.max(k, n >> 1))
    const points = new Float64Array(half.length * width)
    half.forEach((row, i) => {
      points.set(fitPoints.subarray(row * width, (row + 1) * width), i * width)
    })
    const centroids = fitCentroids(points, width, k, judgeSeed + 1000 * (r + 1), 2)
    return adjustedRandIndex(partition, assign(heldOut, width, centroids).cluster)
  })
}
