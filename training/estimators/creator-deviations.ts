import type { HourTable } from '../datasets/hour-posts.ts'

/** Values minus the mean of the same creator's values. */
export function centred(table: HourTable, rows: Int32Array, values: ArrayLike<number>): Float64Array {
  const sums = new Map<number, [sum: number, count: number]>()
  rows.forEach((row, i) => {
    const entry = sums.get(table.creator[row]!) ?? [0, 0]
    sums.set(table.creator[row]!, [entry[0] + values[i]!, entry[1] + 1])
  })
  return Float64Array.from(rows, (row, i) => {
    const [sum, count] = sums.get(table.creator[row]!)!
    return values[i]! - sum / count
  })
}

/** ln(1 + outcome) of every row minus the mean of its creator's fitted rows; 0 for a creator without any. */
export function deviations(table: HourTable, rows: Int32Array) {
  const sums = new Float64Array(table.creators.length)
  const counts = new Int32Array(table.creators.length)
  for (const row of rows) {
    sums[table.creator[row]!]! += table.outcome[row]!
    counts[table.creator[row]!]!++
  }
  const deviation = table.outcome.map((value, row) => {
    const creator = table.creator[row]!
    return counts[creator] === 0 ? 0 : value - sums[creator]! / counts[creator]!
  })
  return { deviation, counts }
}
