const daySeconds = 86_400

/**
 * For each content, the mean outcome of its creator's last contents whose outcome was known when it was published, and that are at least a
 * day older: the baseline that everybody has.
 *
 * @param creatorId   `[n]`
 * @param publishedAt `[n]`, seconds, ascending
 * @param outcome     `[n]`; NaN = unknown, does not count
 * @param knownFrom   `[n]`, seconds, ascending: when each outcome was known
 * @param last        how many contents, e.g. 60
 * @returns `[n]`; NaN where the creator has none
 */
export function creatorMean(
  creatorId: readonly string[],
  publishedAt: Float64Array,
  outcome: ArrayLike<number>,
  knownFrom: Float64Array,
  last: number,
): Float64Array {
  const rowsOf = new Map<string, number[]>()
  const means = new Float64Array(creatorId.length)
  for (let i = 0; i < creatorId.length; i++) {
    const rows = rowsOf.get(creatorId[i]!) ?? []
    rowsOf.set(creatorId[i]!, rows)
    let sum = 0
    let count = 0
    for (let r = rows.length - 1; r >= 0 && count < last; r--) {
      const row = rows[r]!
      if (Math.max(knownFrom[row]!, publishedAt[row]! + daySeconds) > publishedAt[i]!) continue
      sum += outcome[row]!
      count++
    }
    means[i] = count === 0 ? Number.NaN : sum / count
    if (!Number.isNaN(outcome[i]!)) rows.push(i)
  }
  return means
}

/**
 * Share of positive outcomes per creator among the rows, for any content of that creator.
 *
 * @param rows those learned from; their outcomes are known
 * @returns for each of the n contents; the share over all rows for a creator without any
 */
export function creatorRate(creatorId: readonly string[], actual: ArrayLike<number>, rows: Int32Array): Float64Array {
  const counts = new Map<string, { positive: number; all: number }>()
  let positive = 0
  for (const row of rows) {
    const count = counts.get(creatorId[row]!) ?? { positive: 0, all: 0 }
    counts.set(creatorId[row]!, count)
    count.positive += actual[row]!
    count.all++
    positive += actual[row]!
  }
  return Float64Array.from(creatorId, (id) => {
    const count = counts.get(id)
    return count === undefined ? positive / rows.length : count.positive / count.all
  })
}
