import { quantile } from '../evaluation/quantile.ts'

/**
 * How raw numbers become the columns that a tabular network reads; fitted on training rows, and part of the exported graph.
 *
 * Per feature x: s = sign(x)·ln(1 + |x|) where that is less skewed, else x; z = clip((s − mean)/sd, ±6), 0 where x is NaN.
 * Columns, in this order: z of every feature; 1 where a feature that may be missing is NaN; and for each feature its position in
 * bins of equal count, clip((z − edgeₜ)/(edgeₜ₊₁ − edgeₜ), 0, 1): piecewise-linear encoding (Gorishniy et al. 2022, eq. 1).
 */
export interface TabularEncoder {
  /** F */
  readonly featureCount: number
  /** `[F]`, 1 = signed logarithm */
  readonly logarithm: Float32Array
  /** `[F]` of s */
  readonly mean: Float32Array
  /** `[F]`, 1 / sd of s; 0 for a feature that does not vary */
  readonly inverseScale: Float32Array
  /** Features that were missing at least once. */
  readonly optional: Int32Array
  /** Bins: the feature each belongs to, its lower edge and 1 / its width, in z. */
  readonly binFeature: Int32Array
  readonly binEdge: Float32Array
  readonly binSlope: Float32Array
}

export const zLimit = 6
/** Bins narrower than this, in standard deviations, are merged: steep slopes would blow rounding up. */
const narrowest = 0.05

/** Columns that a linear model may use: z and the missing flags. */
export const linearWidth = (encoder: TabularEncoder): number => encoder.featureCount + encoder.optional.length

export const encodedWidth = (encoder: TabularEncoder): number => linearWidth(encoder) + encoder.binFeature.length

/**
 * @param numeric `[rowCount, featureCount]`, row-major, raw units, NaN = missing
 * @param rows    indices of the training rows
 * @param bins    most bins per feature, ≥ 1
 */
export function fitTabularEncoder(
  numeric: Float32Array,
  featureCount: number,
  rows: Int32Array,
  bins: number,
): TabularEncoder {
  const logarithm = new Float32Array(featureCount)
  const mean = new Float32Array(featureCount)
  const inverseScale = new Float32Array(featureCount)
  const optional: number[] = []
  const binFeature: number[] = []
  const binEdge: number[] = []
  const binSlope: number[] = []
  for (let f = 0; f < featureCount; f++) {
    const raw = Float64Array.from(rows, (row) => numeric[row * featureCount + f]!)
    const known = raw.filter(Number.isFinite)
    if (known.length < raw.length) optional.push(f)
    const logged = known.map(signedLog)
    const useLog = Math.abs(skewness(logged)) < Math.abs(skewness(known)) && spread(known) > 10
    const s = useLog ? logged : known
    logarithm[f] = useLog ? 1 : 0
    const m = average(s)
    const sd = Math.sqrt(average(s.map((value) => (value - m) ** 2)))
    // A spread that float32 cannot tell from a constant is one.
    const varies = sd > 1e-6 * Math.max(1, Math.abs(m))
    mean[f] = known.length === 0 ? 0 : m
    inverseScale[f] = varies ? 1 / sd : 0
    if (!varies) continue
    const z = s.map((value) => clip((value - mean[f]!) * inverseScale[f]!, -zLimit, zLimit)).sort()
    const edges = binEdges(z, bins)
    for (let t = 0; edges.length > 2 && t + 1 < edges.length; t++) {
      binFeature.push(f)
      binEdge.push(edges[t]!)
      binSlope.push(1 / (edges[t + 1]! - edges[t]!))
    }
  }
  return {
    featureCount,
    logarithm,
    mean,
    inverseScale,
    optional: Int32Array.from(optional),
    binFeature: Int32Array.from(binFeature),
    binEdge: Float32Array.from(binEdge),
    binSlope: Float32Array.from(binSlope),
  }
}

/** The columns of all rows; `[rowCount, encodedWidth]`, row-major. */
export function encodeTabular(encoder: TabularEncoder, numeric: Float32Array): Float32Array {
  const { featureCount, optional, binFeature, binEdge, binSlope } = encoder
  const rowCount = featureCount === 0 ? 0 : numeric.length / featureCount
  const width = encodedWidth(encoder)
  const flagsAt = featureCount
  const binsAt = featureCount + optional.length
  const encoded = new Float32Array(rowCount * width)
  for (let i = 0; i < rowCount; i++) {
    const from = i * featureCount
    const to = i * width
    for (let f = 0; f < featureCount; f++) {
      const x = numeric[from + f]!
      if (Number.isNaN(x)) continue
      const s = encoder.logarithm[f] === 1 ? signedLog(x) : x
      encoded[to + f] = clip((s - encoder.mean[f]!) * encoder.inverseScale[f]!, -zLimit, zLimit)
    }
    optional.forEach((f, j) => {
      encoded[to + flagsAt + j] = Number.isNaN(numeric[from + f]!) ? 1 : 0
    })
    for (let b = 0; b < binFeature.length; b++) {
      encoded[to + binsAt + b] = clip((encoded[to + binFeature[b]!]! - binEdge[b]!) * binSlope[b]!, 0, 1)
    }
  }
  return encoded
}

function binEdges(sortedZ: Float64Array, bins: number): number[] {
  const edges = [sortedZ[0]!]
  for (let t = 1; t <= bins; t++) {
    const edge = quantile(sortedZ, t / bins)
    if (edge - edges.at(-1)! >= narrowest) edges.push(edge)
  }
  return edges
}

const signedLog = (x: number): number => Math.sign(x) * Math.log1p(Math.abs(x))

const clip = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

const average = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

const spread = (values: Float64Array): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) -
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)

function skewness(values: Float64Array): number {
  const m = average(values)
  const variance = average(values.map((value) => (value - m) ** 2))
  return variance === 0 ? 0 : average(values.map((value) => (value - m) ** 3)) / variance ** 1.5
}
