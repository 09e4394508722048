/** Numeric features as small integers, column by column: what trees are grown on. */
export interface FeatureBins {
  readonly rowCount: number
  /** Per feature, ascending: code c + 1 stands for values in (edges[c − 1], edges[c]]; the last code for what is above all edges. */
  readonly edges: readonly Float32Array[]
  /** `[feature][rowCount]`; 0 = missing */
  readonly codes: readonly Uint8Array[]
}

/** Codes of a feature: those of its values and that of a missing one. */
export const codeCount = (edges: Float32Array): number => edges.length + 2

/** The largest value that `code ≤ threshold` lets pass, for graphs that compare values: edges are float32, so both decide alike. */
export const valueAt = (edges: Float32Array, threshold: number): number =>
  edges[threshold - 1] ?? Number.POSITIVE_INFINITY

/**
 * Edges of at most `bins` bins of about equal count; a value that is frequent gets a bin of its own, and equal values never part.
 *
 * @param values of the training rows; NaN = missing
 * @param bins   ≥ 1, at most 255
 */
export function fitBinEdges(values: Float32Array, bins: number): Float32Array {
  const known = values.slice().sort()
  // NaN stands last after sorting.
  let count = known.length
  while (count > 0 && Number.isNaN(known[count - 1]!)) count--
  const edges: number[] = []
  let closed = 0
  for (let end = 1; end < count && edges.length < bins - 1; end++) {
    const [below, above] = [known[end - 1]!, known[end]!]
    if (below === above) continue
    const fairShare = (count - closed) / (bins - edges.length)
    // A frequent value to come closes the bin as well: it is not to be mixed with its neighbours.
    const nextIsFrequent = known[Math.min(count, end + Math.ceil(fairShare)) - 1] === above
    if (end - closed < fairShare && !nextIsFrequent) continue
    edges.push(between(below, above))
    closed = end
  }
  return Float32Array.from(edges)
}

/** The middle as a float32 that is below `above`; both are neighbours in the data, so `below` itself parts them as well. */
function between(below: number, above: number): number {
  const middle = Math.fround((below + above) / 2)
  return middle < above ? middle : below
}

/** @param edges of `fitBinEdges` */
export function encodeBins(values: Float32Array, edges: Float32Array): Uint8Array {
  const codes = new Uint8Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (Number.isNaN(value)) continue
    let [low, high] = [0, edges.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (edges[middle]! < value) low = middle + 1
      else high = middle
    }
    codes[row] = low + 1
  }
  return codes
}

/**
 * Bins of all features, with edges from the training rows.
 *
 * @param columns `[feature][rowCount]`
 */
export function binFeatures(columns: readonly Float32Array[], rows: Int32Array, bins: number): FeatureBins {
  const edges = columns.map((column) =>
    fitBinEdges(
      Float32Array.from(rows, (row) => column[row]!),
      bins,
    ),
  )
  return {
    rowCount: columns[0]?.length ?? 0,
    edges,
    codes: columns.map((column, feature) => encodeBins(column, edges[feature]!)),
  }
}
