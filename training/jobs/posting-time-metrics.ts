import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { createRandom, type Random } from '../backend/random.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import { centred, deviations, fitPostingTime, type PostingTimeFit, predictPosts } from '../estimators/posting-time.ts'
import { bootstrapStatistic } from '../evaluation/bootstrap-statistic.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'

export interface PostingTimeTest {
  readonly table: HourTable
  /** Training and validation posts: what everything was fitted on. */
  readonly past: Int32Array
  readonly test: Int32Array
  readonly fit: PostingTimeFit
  readonly seed: number
}

/** A way to say what an hour adds, for each test post. */
type Contender = Float64Array

/** Headline: within-creator R² of later posts; then how much better posts at the three recommended hours did than the creator's others. */
export function postingTimeMetrics(input: PostingTimeTest): [MetricRow, ...MetricRow[]] {
  const { table, test, seed } = input
  const contenders = contendersOf(input)
  const groups = Int32Array.from(test, (row) => table.creator[row]!)
  const actual = centred(
    table,
    test,
    Float64Array.from(test, (row) => table.outcome[row]!),
  )
  const r2 = (prediction: Contender): Estimate => {
    const predicted = centred(table, test, prediction)
    return bootstrapStatistic(
      test.length,
      (rows) => {
        const [a, p] = [pick(actual, rows), pick(predicted, rows)]
        const total = a.reduce((sum, value) => sum + value ** 2, 0)
        return total === 0 ? Number.NaN : 1 - a.reduce((sum, value, i) => sum + (value - p[i]!) ** 2, 0) / total
      },
      createRandom(seed).fork('bootstrap'),
      { resamples: 300, groups },
    )
  }
  const lift = (prediction: Contender): Estimate => topHoursLift(input, prediction, createRandom(seed).fork('lift'))
  const row = (metric: string, estimate: (prediction: Contender) => Estimate): MetricRow => ({
    metric,
    higherIsBetter: true,
    model: estimate(contenders.model),
    baselines: Object.fromEntries(
      Object.entries(contenders.baselines)
        .map(([name, prediction]) => [name, estimate(prediction)] as const)
        .filter(([, { value }]) => Number.isFinite(value)),
    ),
  })
  const headline = row('within-creator R²', r2)
  // Nothing varies within a creator: no hour explains anything, and the gate then refuses the model as no better than its baselines.
  const first = Number.isFinite(headline.model.value)
    ? headline
    : {
        ...headline,
        model: { value: 0, low: null, high: null },
        baselines: { 'every hour alike': { value: 0, low: null, high: null } },
      }
  return [first, ...[row('lift of the 3 best hours', lift)].filter(({ model }) => Number.isFinite(model.value))]
}

function contendersOf({ table, past, test, fit, seed }: PostingTimeTest) {
  const { deviation } = deviations(table, past)
  const hourOfDay = meanBy(past, deviation, (row) => table.hour[row]! % 24)
  const hourOfWeek = meanBy(past, deviation, (row) => table.hour[row]!)
  const placebo = fitPostingTime(
    permuteHours(table, past, createRandom(seed).fork('placebo')),
    past,
    fit.settings,
    undefined,
  )
  const of = (effect: (row: number) => number): Contender => Float64Array.from(test, effect)
  return {
    // As serving will read them: lifts in float32, so that the same model ties with itself as champion.
    model: predictPosts(fit, table, test).map((effect) => Math.log(Math.fround(Math.exp(effect)))),
    baselines: {
      'every hour alike': of(() => 0),
      'everyone’s hour of day': of((row) => hourOfDay.get(table.hour[row]! % 24) ?? 0),
      'everyone’s hour of week': of((row) => hourOfWeek.get(table.hour[row]!) ?? 0),
      'usual hours': of(usualHours(table, past, deviation)),
      'permuted hours': predictPosts(placebo, table, test),
    },
  }
}

/** The more often a creator posts at an hour of day, the better it is taken to be; the slope is fitted on the past. */
function usualHours(table: HourTable, past: Int32Array, deviation: Float64Array): (row: number) => number {
  const uses = new Map<number, number>()
  const key = (row: number): number => table.creator[row]! * 24 + (table.hour[row]! % 24)
  for (const row of past) uses.set(key(row), (uses.get(key(row)) ?? 0) + 1)
  const log = (row: number): number => Math.log1p(uses.get(key(row)) ?? 0)
  const x = centred(table, past, Float64Array.from(past, log))
  const product = past.reduce((sum, row, i) => sum + x[i]! * deviation[row]!, 0)
  const square = x.reduce((sum, value) => sum + value * value, 0)
  const slope = square === 0 ? 0 : product / square
  return (row) => slope * log(row)
}

/** The same posts with the hours of each creator's past posts shuffled among them: a placebo. */
function permuteHours(table: HourTable, past: Int32Array, random: Random): HourTable {
  const hour = table.hour.slice()
  const byCreator = new Map<number, number[]>()
  for (const row of past) {
    const rows = byCreator.get(table.creator[row]!)
    if (rows === undefined) byCreator.set(table.creator[row]!, [row])
    else rows.push(row)
  }
  for (const rows of byCreator.values()) {
    const order = Int32Array.from(rows)
    random.shuffle(order)
    rows.forEach((row, i) => {
      hour[row] = table.hour[order[i]!]!
    })
  }
  return { ...table, hour }
}

const fewestUses = 3
const recommended = 3
/** Of fewer creators the lift is an anecdote, and its interval says nothing. */
const fewestCreators = 10

/**
 * How much more later posts at the three hours of day with the best prediction earn than the creator's other later posts.
 * Only hours that the creator used at least three times before count, so that nothing is recommended that nobody has tried.
 *
 * @returns e^(mean over creators of the difference in ln) − 1; NaN when fewer than ten creators have later posts both at those hours and at others
 */
function topHoursLift({ table, past, test }: PostingTimeTest, prediction: Contender, random: Random): Estimate {
  const uses = new Map<number, number>()
  const key = (row: number): number => table.creator[row]! * 24 + (table.hour[row]! % 24)
  for (const row of past) uses.set(key(row), (uses.get(key(row)) ?? 0) + 1)
  const byCreator = new Map<number, Map<number, { score: number; outcomes: number[] }>>()
  test.forEach((row, i) => {
    if ((uses.get(key(row)) ?? 0) < fewestUses) return
    const hours = byCreator.get(table.creator[row]!) ?? new Map()
    byCreator.set(table.creator[row]!, hours)
    const entry = hours.get(table.hour[row]! % 24) ?? { score: 0, outcomes: [] }
    hours.set(table.hour[row]! % 24, entry)
    entry.outcomes.push(table.outcome[row]!)
    entry.score += (prediction[i]! - entry.score) / entry.outcomes.length
  })
  const differences: number[] = []
  for (const hours of byCreator.values()) {
    const ranked = [...hours.values()].sort((a, b) => b.score - a.score)
    const chosen = ranked.slice(0, recommended)
    const others = ranked.slice(recommended)
    if (others.length === 0 || new Set(ranked.map(({ score }) => score)).size === 1) continue
    differences.push(mean(chosen.flatMap((h) => h.outcomes)) - mean(others.flatMap((h) => h.outcomes)))
  }
  if (differences.length < fewestCreators) return { value: Number.NaN, low: null, high: null }
  return bootstrapStatistic(
    differences.length,
    (rows) => Math.expm1(mean(Array.from(rows, (i) => differences[i]!))),
    random,
    { resamples: 300 },
  )
}

function meanBy(rows: Int32Array, values: Float64Array, key: (row: number) => number): ReadonlyMap<number, number> {
  const groups = new Map<number, [sum: number, count: number]>()
  for (const row of rows) {
    const entry = groups.get(key(row)) ?? [0, 0]
    groups.set(key(row), [entry[0] + values[row]!, entry[1] + 1])
  }
  return new Map([...groups].map(([name, [sum, count]]) => [name, sum / count]))
}
