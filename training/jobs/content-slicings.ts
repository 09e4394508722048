import type { ContentOutcomes } from '../datasets/contents.ts'
import { day, type TimeSplit } from '../datasets/time-split.ts'
import { quarters, type Slicing } from '../evaluation/slices.ts'

/**
 * How the contents of the test part are divided, to see where a model is good.
 *
 * @param rows of the test part, ascending by time
 */
export function contentSlicings(contents: ContentOutcomes, split: TimeSplit, rows: Int32Array): readonly Slicing[] {
  const named = (column: readonly string[]): string[] =>
    Array.from(rows, (row) => (column[row] === '' ? 'unknown' : column[row]!))
  const before = earlierContents(contents.creatorId, split.testFrom, contents.publishedAt)
  const earlier = Int32Array.from(rows, (row) => before.get(contents.creatorId[row]!) ?? 0)
  const middle = contents.publishedAt[rows[Math.floor(rows.length / 2)]!]!
  const halves = [`before ${day(middle)}`, `from ${day(middle)} on`]
  return [
    { name: 'Platform', sliceOf: named(contents.platform) },
    { name: 'Category', sliceOf: named(contents.category) },
    { name: 'Language', sliceOf: named(contents.language) },
    {
      name: 'Creator',
      sliceOf: Array.from(earlier, (count) => (count === 0 ? 'new' : 'known')),
    },
    {
      name: 'Creator’s history',
      ...quarters(earlier, (least, most) => `${least === most ? least : `${least}–${most}`} contents`),
    },
    {
      name: 'Time',
      sliceOf: Array.from(rows, (row) => halves[day(contents.publishedAt[row]!) < day(middle) ? 0 : 1]!),
      order: halves,
    },
  ]
}

/** Contents of each creator before a moment. */
function earlierContents(creatorId: readonly string[], moment: number, publishedAt: Float64Array): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i < creatorId.length; i++) {
    if (publishedAt[i]! < moment) counts.set(creatorId[i]!, (counts.get(creatorId[i]!) ?? 0) + 1)
  }
  return counts
}
