import { AppError } from '../../errors.ts'
import { type ChurnRows, churnHorizons } from '../datasets/churn-rows.ts'
import { concatIndices } from '../datasets/concat-indices.ts'
import type { KnownRows, KnownValues } from '../datasets/known-outcomes.ts'
import { day, type TimeSplit } from '../datasets/time-split.ts'
import { intervalOutcomes, weekEnds } from '../evaluation/discrete-hazard.ts'

const daySeconds = 86_400

/** What the hazards learn from: the outcome of each week, as far as it was known in time; row-major `[rowCount, weeks]`. */
export interface HazardTargets {
  /** Days since the moment at which each week ends. */
  readonly ends: readonly number[]
  /** For choosing a model: training rows as of the validation part, validation rows as of the test part. */
  readonly search: Float32Array
  /** For the last fit, on both parts, as of the test part. */
  readonly final: Float32Array
  /** Of the test rows: what became of them. */
  readonly test: Float32Array
  /** Rows of which a week was known. */
  readonly rows: KnownRows
}

/** @param horizon days; the data goes on for as long behind the test part */
export function hazardTargets(rows: ChurnRows, split: TimeSplit, horizon: number): HazardTargets {
  const ends = weekEnds(horizon)
  const outcomes = (parts: readonly (readonly [rows: Int32Array, until: number])[]): Float32Array => {
    const values = new Float32Array(rows.rowCount * ends.length).fill(Number.NaN)
    for (const [part, until] of parts) {
      for (const row of part) {
        const [at, lostAt] = [rows.day[row]!, rows.lostAt[row]!]
        values.set(intervalOutcomes(ends, lostAt - at, until / daySeconds - at), row * ends.length)
      }
    }
    return values
  }
  const past = concatIndices(split.train, split.valid)
  const search = outcomes([
    [split.train, split.validFrom],
    [split.valid, split.testFrom],
  ])
  const final = outcomes([[past, split.testFrom]])
  // The first week is known whenever any is.
  const known = (part: Int32Array, values: Float32Array): Int32Array =>
    part.filter((row) => !Number.isNaN(values[row * ends.length]!))
  return {
    ends,
    search,
    final,
    test: outcomes([[split.test, Number.POSITIVE_INFINITY]]),
    rows: { train: known(split.train, search), valid: known(split.valid, search), past: known(past, final) },
  }
}

/**
 * Whether each row was lost within a horizon, as it was known in time; see `KnownValues`.
 *
 * @param days of the horizon
 */
export function lostWithin(
  rows: ChurnRows,
  split: TimeSplit,
  days: number,
): KnownValues & { readonly actual: Float64Array } {
  const actual = Float64Array.from(rows.lostAt, (lostAt, row) => (lostAt <= rows.day[row]! + days ? 1 : 0))
  const search = new Float64Array(rows.rowCount).fill(Number.NaN)
  const final = search.slice()
  const isKnown = (row: number, until: number): boolean => (rows.day[row]! + days) * daySeconds <= until
  for (const row of split.train) if (isKnown(row, split.validFrom)) search[row] = actual[row]!
  for (const row of split.valid) if (isKnown(row, split.testFrom)) search[row] = actual[row]!
  for (const row of concatIndices(split.train, split.valid)) if (isKnown(row, split.testFrom)) final[row] = actual[row]!
  return { search, final, actual }
}

/** @throws AppError DATA_INSUFFICIENT when a part knows no loss, or no week that someone came through */
export function requireLosses({ search, test, rows, ends }: HazardTargets, split: TimeSplit): void {
  const parts = [
    ['training', rows.train, search, split.validFrom],
    ['validation', rows.valid, search, split.testFrom],
    ['test', split.test, test, split.testFrom + ends.at(-1)! * daySeconds],
  ] as const
  for (const [name, part, values, until] of parts) {
    let [lost, kept] = [0, 0]
    for (const row of part) {
      for (let t = 0; t < ends.length; t++) {
        const outcome = values[row * ends.length + t]!
        if (outcome === 1) lost++
        else if (outcome === 0) kept++
      }
    }
    if (lost > 0 && kept > 0) continue
    throw new AppError(
      'DATA_INSUFFICIENT',
      `In the ${name} part ${lost} people were lost by ${day(until)} and ${kept} weeks were come through; expected some of both. Import a longer span of fct_interactions, or count another loss with --set kind=silence or kind=leaving.`,
    )
  }
}

/** Horizons that the longest one leaves out, with the reason. */
export const leftOutHorizons = (longest: number, span: number): readonly { days: number; reason: string }[] =>
  churnHorizons
    .filter((days) => days > longest)
    .map((days) => ({
      days,
      reason: `the data spans ${span} days; ${days} days to learn from, to choose by and to judge need more than ${3 * days}`,
    }))
