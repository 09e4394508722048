import type { Segments } from '../../models/payloads/segments.ts'
import { describeSegment, nameSegments } from '../estimators/segment-names.ts'

/**
 * The segments in words: sizes, names and what sets each apart.
 *
 * @param numeric raw features, `[users, names]`, row-major
 * @param z       the same, standardised
 * @param cluster segment of each user
 */
export function describeSegments(
  numeric: Float32Array,
  z: Float64Array,
  names: readonly string[],
  cluster: Int32Array,
  k: number,
): Segments {
  const width = names.length
  const all = Int32Array.from(cluster, (_, i) => i)
  const meanOf = (values: ArrayLike<number>, rows: Int32Array, f: number): number =>
    rows.reduce((sum, row) => sum + values[row * width + f]!, 0) / Math.max(1, rows.length)
  const groups = Array.from({ length: k }, (_, c) => all.filter((row) => cluster[row] === c))
  const traits = groups.map((rows) =>
    names
      .map((feature, f) => ({
        feature,
        mean: meanOf(numeric, rows, f),
        overall: meanOf(numeric, all, f),
        standardDeviations: meanOf(z, rows, f) - meanOf(z, all, f),
      }))
      .sort((a, b) => Math.abs(b.standardDeviations) - Math.abs(a.standardDeviations)),
  )
  const segmentNames = nameSegments(traits)
  return {
    features: [...names],
    segments: groups.map((rows, c) => ({
      id: `segment-${c + 1}`,
      name: segmentNames[c]!,
      description: describeSegment(rows.length / cluster.length, traits[c]!),
      users: rows.length,
      share: rows.length / cluster.length,
      traits: traits[c]!.slice(0, 6),
    })),
  }
}
