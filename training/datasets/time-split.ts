import { z } from 'zod'
import { AppError } from '../../errors.ts'

const moment = z.iso.date('expected a UTC day, e.g. 2018-04-25')

/** The options of a split by time; a job's configuration spreads them into its own. */
export const timeSplitOptions = {
  validFrom: moment.optional().describe('first day of the validation part; by default at 70 % of the examples'),
  testFrom: moment.optional().describe('first day of the test part; by default at 85 % of the examples'),
  until: moment.optional().describe('first day that is left out; by default nothing is'),
}

export interface TimeSplitOptions {
  readonly validFrom?: string | undefined
  readonly testFrom?: string | undefined
  readonly until?: string | undefined
}

/** Indices of the examples of each part, ascending by time, and the moments between them (seconds since 1970, UTC). */
export interface TimeSplit {
  readonly train: Int32Array
  readonly valid: Int32Array
  readonly test: Int32Array
  readonly validFrom: number
  readonly testFrom: number
  /** Infinity when nothing is left out. */
  readonly until: number
}

/**
 * Splits examples by time: no example of an earlier part is as late as one of a later part.
 *
 * @param at      moment of each example, ascending; `[n]`
 * @param options UTC days between the parts; without them 70 %, 15 % and 15 % of the examples, cut where the time changes
 * @throws AppError CONFIG_INVALID when the moments are out of order
 * @throws AppError DATA_INSUFFICIENT when a part is smaller than `minimum`
 */
export function splitByTime(at: Float64Array, options: TimeSplitOptions, minimum: number, what: string): TimeSplit {
  const [validGiven, testGiven, until] = [options.validFrom, options.testFrom, options.until].map((text) =>
    text === undefined ? undefined : Date.parse(`${text}T00:00:00Z`) / 1000,
  )
  const end = until === undefined ? at.length : firstAtOrAfter(at, until)
  const validFrom = validGiven ?? at[Math.floor(end * 0.7)] ?? 0
  const testFrom = testGiven ?? at[Math.floor(end * 0.85)] ?? 0
  if (validFrom > testFrom || (until !== undefined && testFrom > until)) {
    throw new AppError(
      'CONFIG_INVALID',
      `validFrom ${day(validFrom)}, testFrom ${day(testFrom)}${until === undefined ? '' : `, until ${day(until)}`}: expected them in this order. Set them with --set.`,
    )
  }
  return splitAt(at, { validFrom, testFrom, until: until ?? Number.POSITIVE_INFINITY }, minimum, what)
}

/** Splits examples at given moments, seconds since 1970, UTC; see `splitByTime`. */
export function splitAt(
  at: Float64Array,
  { validFrom, testFrom, until }: Pick<TimeSplit, 'validFrom' | 'testFrom' | 'until'>,
  minimum: number,
  what: string,
): TimeSplit {
  const validAt = firstAtOrAfter(at, validFrom)
  const testAt = firstAtOrAfter(at, testFrom)
  const [train, valid, test] = [range(0, validAt), range(validAt, testAt), range(testAt, firstAtOrAfter(at, until))]
  for (const [name, part] of [
    ['training', train],
    ['validation', valid],
    ['test', test],
  ] as const) {
    if (part.length < minimum) {
      throw new AppError(
        'DATA_INSUFFICIENT',
        `The ${name} part has ${part.length} ${what}; expected at least ${minimum} ${tooFew(at.length, minimum, `validation from ${day(validFrom)}, test from ${day(testFrom)}`)}`,
      )
    }
  }
  return { train, valid, test, validFrom, testFrom, until }
}

/** Moving the parts helps only where there are enough for all three. */
const tooFew = (all: number, minimum: number, cuts: string): string =>
  all < 3 * minimum
    ? `(${all} in all). Import more.`
    : `(${all} in all, ${cuts}). Import more, or move validFrom, testFrom and until with --set.`

/** The day of a moment as YYYY-MM-DD, UTC. */
export const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

/** A split in words, for the manifest and the report. */
export const describeSplit = (split: TimeSplit): string =>
  `by time: ${split.train.length} before ${day(split.validFrom)}, ${split.valid.length} before ${day(split.testFrom)} (validation), ${split.test.length} later (test)`

/**
 * What the manifest says of the data: examples used, their span, and the split.
 *
 * @param remark on the split, e.g. of `describeKnown`
 */
export const describeData = (at: Float64Array, split: TimeSplit, remark?: string) => ({
  rows: split.train.length + split.valid.length + split.test.length,
  from: at[split.train[0] ?? 0] ?? null,
  to: at[split.test.at(-1) ?? 0] ?? null,
  split: remark === undefined ? describeSplit(split) : `${describeSplit(split)}; ${remark}`,
})

const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

function firstAtOrAfter(at: Float64Array, moment: number): number {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (at[middle]! < moment) low = middle + 1
    else high = middle
  }
  return low
}
