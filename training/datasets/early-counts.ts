import type { Random } from '../backend/random.ts'
import { besideEachOther, type DraftTexts, type FeatureTable } from './content-table.ts'
import type { ContentOutcomes } from './contents.ts'
import type { OutcomeName } from './outcome-names.ts'

/** What is counted of a content in its first hours. */
export const earlyQuantities = ['views', 'likes', 'comments', 'shares'] as const

/** Share of contents that must still grow after the first day for early counts to be a signal rather than the answer. */
const leastGrowing = 0.9

/** Early counts of every content, or why they are not used. */
export type EarlyCounts =
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'known'; readonly names: readonly string[]; readonly values: Float32Array }

/**
 * Counts until the end of the day after publication, of the quantities that are known.
 *
 * @param outcome the later count that a label rests on: early counts are of no use where they are already that count
 * @param rows    contents to learn that from: those whose outcome was known in time
 */
export function earlyCounts(contents: ContentOutcomes, outcome: OutcomeName, rows: Int32Array): EarlyCounts {
  const quantity = outcome.split('_')[0]
  const first = contents.outcomes.get(`${quantity}_1d` as OutcomeName)!
  const last = contents.outcomes.get(outcome)!
  let both = 0
  let grown = 0
  for (const row of rows) {
    if (Number.isNaN(last[row]!)) continue
    both++
    if (last[row]! > first[row]!) grown++
  }
  if (both === 0 || grown / both < leastGrowing) {
    const share = both === 0 ? 0 : Math.round((100 * grown) / both)
    return {
      kind: 'none',
      reason: `only ${share} % of the contents have counts that still grow after the first day: early counts would be the answer itself`,
    }
  }
  const names = earlyQuantities.filter((name) =>
    contents.outcomes.get(`${name}_1d`)!.some((value) => !Number.isNaN(value)),
  )
  const values = new Float32Array(contents.rowCount * names.length)
  names.forEach((name, j) => {
    contents.outcomes.get(`${name}_1d`)!.forEach((value, i) => {
      values[i * names.length + j] = value
    })
  })
  return { kind: 'known', names, values }
}

/** Share of contents that are learned from with some of their early counts only. */
const shareOfSome = 1 / 3

/**
 * Early counts as clients send them: often some of them only. A model that never learned from that takes what is missing for a content
 * without an early count at all.
 *
 * @param contents those of which a third lose some counts, never all; the others keep theirs
 */
export function withSomeHidden(counts: EarlyCounts, contents: Int32Array, random: Random): EarlyCounts {
  if (counts.kind === 'none' || counts.names.length < 2) return counts
  const width = counts.names.length
  const values = counts.values.slice()
  for (const content of contents) {
    if (random.uniform() >= shareOfSome) continue
    const kept = 1 + random.int(2 ** width - 2)
    for (let j = 0; j < width; j++) if (((kept >> j) & 1) === 0) values[content * width + j] = Number.NaN
  }
  return { ...counts, values }
}

/**
 * Every content twice: as it stood before publication, early counts missing (rows 0 to n − 1), and after its first day (rows n to
 * 2n − 1), so that one model serves both moments. Without early counts the table is as it was.
 */
export function withEarlyCounts(table: FeatureTable, counts: EarlyCounts): FeatureTable {
  if (counts.kind === 'none') return table
  const { rowCount } = table
  const width = table.numericFields.length
  const unknown = new Float32Array(rowCount * counts.names.length).fill(Number.NaN)
  const form = (values: Float32Array): Float32Array =>
    besideEachOther(rowCount, [table.numeric, width], [values, counts.names.length])
  const numeric = new Float32Array(2 * rowCount * (width + counts.names.length))
  numeric.set(form(unknown))
  numeric.set(form(counts.values), numeric.length / 2)
  return {
    rowCount: 2 * rowCount,
    featureCount: width + counts.names.length,
    numericFields: [
      ...table.numericFields,
      ...counts.names.map((name) => ({
        name,
        source: 'early' as const,
        unit: name,
        description: `${name} until the end of the day after publication`,
      })),
    ],
    numeric,
    categoricalFields: table.categoricalFields,
    categorical: table.categorical.map((column) => [...column, ...column]),
    texts: twice(table.texts),
  }
}

const twice = ({ title, description, tags }: DraftTexts): DraftTexts => ({
  title: [...title, ...title],
  description: [...description, ...description],
  tags: [...tags, ...tags],
})

/** Which numeric columns are early counts. */
export const earlyColumns = ({ numericFields }: FeatureTable): number[] =>
  numericFields.flatMap(({ source }, column) => (source === 'early' ? [column] : []))
