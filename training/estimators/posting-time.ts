import type { HourTable } from '../datasets/hour-posts.ts'
import { type HourPosts, type HourSettings, type HourSums, hourEffect, hoursPerWeek, sumHours } from './hour-effects.ts'

/** A fitted posting-time model. */
export interface PostingTimeFit {
  readonly posts: HourPosts
  readonly sums: HourSums
  readonly settings: HourSettings
  /** What one standard deviation of audience activity adds to ln(1 + outcome); 0 = not used. */
  readonly activityWeight: number
  readonly activity: Float64Array | undefined
  /** Variance of a single post around its creator's mean. */
  readonly variance: number
  /** Posts of each creator that were fitted on. */
  readonly counts: Int32Array
}

const settingsTried: readonly HourSettings[] = [0, 0.6].flatMap((neighbour) =>
  [0, 0.3, 1].flatMap((otherDay) =>
    [5, 30, 200].flatMap((everyone) =>
      [100, Number.POSITIVE_INFINITY].flatMap((group) =>
        [15, 50, 200, Number.POSITIVE_INFINITY].map(
          (creator): HourSettings => ({ neighbour, otherDay, strength: [everyone, group, group, creator] }),
        ),
      ),
    ),
  ),
)

const folds = 5

/**
 * Chooses how much to smooth and shrink, and whether audience activity helps: by the within-creator R² of posts in five consecutive
 * blocks of time, each predicted from the other four. Single posts are so noisy that one validation part alone would choose by chance.
 *
 * @param past     rows before the test part, ascending by time
 * @param activity `[creators·168]`, standardised, or undefined
 */
export function choosePostingTime(
  table: HourTable,
  past: Int32Array,
  activity: Float64Array | undefined,
): { readonly settings: HourSettings; readonly useActivity: boolean; readonly validR2: number } {
  let best = { settings: settingsTried[0]!, useActivity: false, validR2: Number.NEGATIVE_INFINITY }
  for (const useActivity of activity === undefined ? [false] : [false, true]) {
    let fits: readonly PostingTimeFit[] = []
    for (const settings of settingsTried) {
      const last = fits[0]?.settings
      // Settings that smooth alike follow each other and share their sums.
      fits =
        last?.neighbour === settings.neighbour && last.otherDay === settings.otherDay
          ? fits.map((fit) => ({ ...fit, settings }))
          : Array.from({ length: folds }, (_, fold) =>
              fitPostingTime(table, outside(past, fold), settings, useActivity ? activity : undefined),
            )
      const prediction = Float64Array.from(
        fits.flatMap((fit, fold) => [...predictPosts(fit, table, inside(past, fold))]),
      )
      const validR2 = withinR2(table, past, prediction)
      if (validR2 > best.validR2) best = { settings, useActivity, validR2 }
    }
  }
  return best
}

const blockStart = (past: Int32Array, fold: number): number => Math.floor((fold * past.length) / folds)

const inside = (past: Int32Array, fold: number): Int32Array =>
  past.subarray(blockStart(past, fold), blockStart(past, fold + 1))

const outside = (past: Int32Array, fold: number): Int32Array =>
  past.filter((_, i) => i < blockStart(past, fold) || i >= blockStart(past, fold + 1))

export function fitPostingTime(
  table: HourTable,
  rows: Int32Array,
  settings: HourSettings,
  activity: Float64Array | undefined,
): PostingTimeFit {
  const { deviation, counts } = deviations(table, rows)
  const at = (row: number): number => table.creator[row]! * hoursPerWeek + table.hour[row]!
  let activityWeight = 0
  if (activity !== undefined) {
    const product = rows.reduce((sum, row) => sum + activity[at(row)]! * deviation[row]!, 0)
    const square = rows.reduce((sum, row) => sum + activity[at(row)]! ** 2, 0)
    activityWeight = square === 0 ? 0 : product / square
  }
  const rest = deviation.map((value, row) => value - activityWeight * (activity?.[at(row)] ?? 0))
  const platforms = indexed(table.creators.map(({ platform }) => platform))
  const categories = indexed(table.creators.map(({ platform, category }) => JSON.stringify([platform, category])))
  const byCreator = (group: Int32Array): Int32Array => Int32Array.from(table.creator, (creator) => group[creator]!)
  const posts: HourPosts = {
    groups: [new Int32Array(table.rowCount), byCreator(platforms.index), byCreator(categories.index), table.creator],
    sizes: [1, platforms.size, categories.size, table.creators.length],
    hour: table.hour,
    deviation: rest,
  }
  const variance = rows.reduce((sum, row) => sum + rest[row]! ** 2, 0) / Math.max(1, rows.length)
  return { posts, sums: sumHours(posts, rows, settings), settings, activityWeight, activity, variance, counts }
}

/** What the hour of each post adds to ln(1 + outcome). */
export function predictPosts(fit: PostingTimeFit, table: HourTable, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => {
    const group = fit.posts.groups.map((level) => level[row]!)
    const at = table.creator[row]! * hoursPerWeek + table.hour[row]!
    const { mean } = hourEffect(fit.sums, group, table.hour[row]!, fit.settings.strength)
    return mean + fit.activityWeight * (fit.activity?.[at] ?? 0)
  })
}

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

function indexed(values: readonly string[]): { readonly index: Int32Array; readonly size: number } {
  const known = new Map<string, number>()
  const index = Int32Array.from(values, (value) => {
    if (!known.has(value)) known.set(value, known.size)
    return known.get(value)!
  })
  return { index, size: known.size }
}
