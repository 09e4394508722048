import { AppError } from '../../errors.ts'
import { concatIndices } from './concat-indices.ts'
import type { ContentOutcomes } from './contents.ts'
import type { OutcomeName } from './outcome-names.ts'
import { day, type TimeSplit } from './time-split.ts'

const daySeconds = 86_400

/** Values of every content as they could be known while a model is made; NaN where they were not yet, and for the test part. */
export interface KnownValues {
  /** For choosing a model: training contents as of `validFrom`, validation contents as of `testFrom`. */
  readonly search: Float64Array
  /** For the last fit, on both parts: as of `testFrom`. */
  readonly final: Float64Array
}

/** Rows of which something was known in time, ascending. */
export interface KnownRows {
  readonly train: Int32Array
  readonly valid: Int32Array
  /** Training and validation rows for the last fit; more than the two above where a count ended between `validFrom` and `testFrom`. */
  readonly past: Int32Array
}

/**
 * The moment at which each content's outcome is known: the end of the last day it counts, or the publication where all counts stand on
 * that day.
 *
 * @returns seconds since 1970, UTC; `[n]`
 */
export function knownFrom(
  { publishedAt, singleDay }: Pick<ContentOutcomes, 'publishedAt' | 'singleDay'>,
  outcome: OutcomeName,
): Float64Array {
  if (singleDay) return publishedAt
  const days = Number(outcome.slice(outcome.lastIndexOf('_') + 1, -1))
  return publishedAt.map((at) => (Math.floor(at / daySeconds) + days + 1) * daySeconds)
}

/**
 * Hides what was not known yet when a part of the split ended. A count of 7 days of a content published three days before the test part
 * reaches into it: learned from, it would tell what the model is to foretell (purging, López de Prado 2018, ch. 7).
 *
 * @param values `[n]`, as is `from`, the moments of `knownFrom`
 */
export function hideUnknown(values: Float64Array, from: Float64Array, split: TimeSplit): KnownValues {
  const search = new Float64Array(values.length).fill(Number.NaN)
  const final = search.slice()
  for (const row of split.train) if (from[row]! <= split.validFrom) search[row] = values[row]!
  for (const row of split.valid) if (from[row]! <= split.testFrom) search[row] = values[row]!
  for (const rows of [split.train, split.valid]) {
    for (const row of rows) if (from[row]! <= split.testFrom) final[row] = values[row]!
  }
  return { search, final }
}

/** The rows of which at least one of the values was known. */
export function knownRows(split: TimeSplit, values: readonly KnownValues[]): KnownRows {
  const within = (rows: Int32Array, stage: keyof KnownValues): Int32Array =>
    rows.filter((row) => values.some((value) => !Number.isNaN(value[stage][row]!)))
  return {
    train: within(split.train, 'search'),
    valid: within(split.valid, 'search'),
    past: within(concatIndices(split.train, split.valid), 'final'),
  }
}

type Part = keyof KnownRows

const partOf = (part: Part, split: TimeSplit) =>
  ({
    train: { name: 'training', size: split.train.length, end: split.validFrom },
    valid: { name: 'validation', size: split.valid.length, end: split.testFrom },
    past: { name: 'training and validation', size: split.train.length + split.valid.length, end: split.testFrom },
  })[part]

/** How messages speak of examples, and how fewer days can be asked for. */
export interface KnownWords {
  readonly examples: string
  readonly advice?: string | undefined
}

const ofContents: KnownWords = {
  examples: 'contents',
  advice: 'engagement and revenue can also be judged by a shorter count, by --set headline=views_1d and --set days=7',
}

/** @throws AppError DATA_INSUFFICIENT when fewer than `minimum` examples of a part were known in time */
export function requireKnown(
  outcome: OutcomeName,
  split: TimeSplit,
  rows: KnownRows,
  parts: readonly Part[],
  minimum: number,
  { examples, advice }: KnownWords = ofContents,
): void {
  for (const part of parts) {
    if (rows[part].length >= minimum) continue
    const { name, size, end } = partOf(part, split)
    throw new AppError(
      'DATA_INSUFFICIENT',
      `Of ${size} ${examples} in the ${name} part ${rows[part].length} had their ${outcome} known when it ended, on ${day(end)}; expected at least ${minimum}. Move validFrom and testFrom with --set, so that each part is longer than what is counted, or import more${advice === undefined ? '' : `; ${advice}`}.`,
    )
  }
}

/** What was known in time, in words; undefined where that is everything. */
export function describeKnown(
  outcome: OutcomeName,
  split: TimeSplit,
  rows: KnownRows,
  parts: readonly Part[],
  { examples }: KnownWords = ofContents,
): string | undefined {
  const all = parts.map((part) => ({ ...partOf(part, split), known: rows[part].length }))
  if (all.every(({ known, size }) => known === size)) return undefined
  const counts = all.map(({ name, size, end, known }) => `of ${known} of ${size} ${name} ${examples} on ${day(end)}`)
  return `an outcome is learned from only once it is known: ${outcome} ${counts.join(', ')}`
}
