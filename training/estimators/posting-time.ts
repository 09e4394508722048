import { hoursPerWeek } from '../../features/transforms/local-clock.ts'
import { unknownTimeZone } from '../datasets/creator-time-zones.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import { centred, deviations } from './creator-deviations.ts'
import {
  type HourEffect,
  type HourPosts,
  type HourSettings,
  type HourSums,
  hourEffect,
  sumHours,
} from './hour-effects.ts'
import { solvePositiveDefinite } from './linear-solve.ts'

/** What else is known of each hour of a creator's week, beside how posts did. */
export interface HourTerm {
  readonly name: 'audience activity' | 'crowding'
  /** `[creators·168]`; per creator mean 0 and standard deviation 1, or 0 where nothing is known. */
  readonly values: Float64Array
}

/** A fitted posting-time model. */
export interface PostingTimeFit {
  readonly posts: HourPosts
  readonly sums: HourSums
  readonly settings: HourSettings
  /** `weight` = what one standard deviation adds to ln(1 + outcome). */
  readonly terms: readonly (HourTerm & { readonly weight: number })[]
  /** Group of each creator at each level; −1 at the last for a creator without fitted posts. */
  readonly groups: readonly (readonly number[])[]
  /** Variance of a single post around its creator's mean. */
  readonly variance: number
  /** Posts of each creator that were fitted on. */
  readonly counts: Int32Array
}

/** Fits on some rows. A creator whose clock is not known shares platform, category and everyone with those of UTC hours alone. */
export function fitPostingTime(
  table: HourTable,
  rows: Int32Array,
  settings: HourSettings,
  terms: readonly HourTerm[],
): PostingTimeFit {
  const { deviation, counts } = deviations(table, rows)
  const at = (row: number): number => table.creator[row]! * hoursPerWeek + table.hour[row]!
  const weights = termWeights(terms, rows, at, deviation)
  const rest = deviation.slice()
  terms.forEach(({ values }, t) => {
    for (const row of rows) rest[row]! -= weights[t]! * values[at(row)]!
  })
  const levels = levelsOf(table)
  const posts: HourPosts = {
    groups: levels.map(({ index }) => Int32Array.from(table.creator, (creator) => index[creator]!)),
    sizes: levels.map(({ size }) => size),
    hour: table.hour,
    deviation: rest,
  }
  return {
    posts,
    sums: sumHours(posts, rows, settings),
    settings,
    terms: terms.map((term, t) => ({ ...term, weight: weights[t]! })),
    groups: table.creators.map((_, creator) => [
      ...levels.slice(0, -1).map(({ index }) => index[creator]!),
      counts[creator] === 0 ? -1 : creator,
    ]),
    variance: rows.reduce((sum, row) => sum + rest[row]! ** 2, 0) / Math.max(1, rows.length),
    counts,
  }
}

/** Least squares of the deviations on all terms together. */
function termWeights(
  terms: readonly HourTerm[],
  rows: Int32Array,
  at: (row: number) => number,
  deviation: Float64Array,
): Float64Array {
  const size = terms.length
  const gram = new Float64Array(size * size)
  const products = new Float64Array(size)
  for (const row of rows) {
    const x = terms.map(({ values }) => values[at(row)]!)
    for (let i = 0; i < size; i++) {
      products[i]! += x[i]! * deviation[row]!
      for (let j = 0; j < size; j++) gram[i * size + j]! += x[i]! * x[j]!
    }
  }
  return solvePositiveDefinite(gram, products)
}

/** Groups of creators from coarse to fine: everyone, platform, category of the platform, creator. */
function levelsOf({ creators }: HourTable) {
  const clock = ({ timeZone }: HourTable['creators'][number]): string =>
    timeZone === unknownTimeZone ? 'UTC' : 'local'
  return [
    indexed(creators.map((creator) => clock(creator))),
    indexed(creators.map((creator) => JSON.stringify([clock(creator), creator.platform]))),
    indexed(creators.map((creator) => JSON.stringify([clock(creator), creator.platform, creator.category]))),
    { index: Int32Array.from(creators.keys()), size: creators.length },
  ]
}

function indexed(values: readonly string[]): { readonly index: Int32Array; readonly size: number } {
  const known = new Map<string, number>()
  const index = Int32Array.from(values, (value) => {
    if (!known.has(value)) known.set(value, known.size)
    return known.get(value)!
  })
  return { index, size: known.size }
}

/** What an hour of a creator's week adds to ln(1 + outcome), on the creator's own clock. */
export function creatorEffect(
  { sums, settings, groups, terms }: PostingTimeFit,
  creator: number,
  hour: number,
): HourEffect {
  const { mean, variance } = hourEffect(sums, groups[creator]!, hour, settings.strength)
  const known = terms.reduce((sum, { weight, values }) => sum + weight * values[creator * hoursPerWeek + hour]!, 0)
  return { mean: mean + known, variance }
}

/** What the hour of each post adds to ln(1 + outcome). */
export const predictPosts = (fit: PostingTimeFit, table: HourTable, rows: Int32Array): Float64Array =>
  Float64Array.from(rows, (row) => creatorEffect(fit, table.creator[row]!, table.hour[row]!).mean)

/**
 * Share of the variance within creators that is explained: both sides are taken from the mean of the creator's posts among `rows`.
 *
 * @returns 0 for no information; NaN when no creator has two posts that differ
 */
export function withinR2(table: HourTable, rows: Int32Array, prediction: ArrayLike<number>): number {
  const actual = centred(
    table,
    rows,
    Float64Array.from(rows, (row) => table.outcome[row]!),
  )
  const predicted = centred(table, rows, prediction)
  let residual = 0
  let total = 0
  for (let i = 0; i < actual.length; i++) {
    residual += (actual[i]! - predicted[i]!) ** 2
    total += actual[i]! ** 2
  }
  return total === 0 ? Number.NaN : 1 - residual / total
}
