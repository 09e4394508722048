import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { createRandom, type Random } from '../backend/random.ts'
import { centred } from '../estimators/creator-deviations.ts'
import type { PostingTimeFit } from '../estimators/posting-time.ts'
import { bootstrapStatistic } from '../evaluation/bootstrap-statistic.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'
import { type BackTest, type HourScore, liftEstimate, topHoursLift } from '../evaluation/top-hours-lift.ts'
import { effectOf, fixedShrinkage, placebo, postingTimeRivals } from './posting-time-rivals.ts'

export interface PostingTimeTest extends BackTest {
  readonly fit: PostingTimeFit
  readonly seed: number
}

/** Creators that a job's back-test asks: of few posts each, so that small data have one, too. */
export const jobRules = { fewestPast: 10, fewestLater: 6, fewestUses: 3 } as const

export const liftMetric = 'lift of the 3 best hours'
export const placeboName = 'permuted hours'

/** One shuffle recommends well or badly by chance; so many agree. */
const shuffles = 20
/** Of fewer creators the lift is an anecdote, and its interval says nothing. */
const fewestCreators = 10

/**
 * Headline: within-creator R² of later posts. Then how much better later posts at the three recommended hours did than the creator's others,
 * where there are ten creators or more of whom that can be said.
 */
export function postingTimeMetrics(input: PostingTimeTest): [MetricRow, ...MetricRow[]] {
  const lifts = postingTimeLifts(input)
  const { [modelName]: model, ...baselines } = lifts
  const headline = r2Row(input)
  if (!Number.isFinite(model!.estimate.value) || model!.creators < fewestCreators) return [headline]
  const known = Object.entries(baselines).filter(([, { estimate }]) => Number.isFinite(estimate.value))
  return [
    headline,
    {
      metric: liftMetric,
      higherIsBetter: true,
      model: model!.estimate,
      baselines: Object.fromEntries(known.map(([name, { estimate }]) => [name, estimate])),
    },
  ]
}

const modelName = 'posting-time'

export interface MeasuredLift {
  readonly estimate: Estimate
  readonly creators: number
  /** Later posts at recommended hours; of the placebo, a mean over its shuffles. */
  readonly posts: number
}

/** The lift of the recommended hours by the model (`posting-time`), its rivals and its placebo, by name; 95 % intervals over creators. */
export function postingTimeLifts(input: PostingTimeTest): Readonly<Record<string, MeasuredLift>> {
  const { table, past, fit, seed } = input
  const scores = {
    [modelName]: effectOf(fit),
    ...postingTimeRivals(table, past),
    'fixed shrinkage': fixedShrinkage(table, past),
  }
  const measured = Object.entries(scores).map(([name, score]) => {
    const { byCreator, posts } = topHoursLift(input, score)
    return [
      name,
      measure(
        [...byCreator.values()].map((difference) => [difference]),
        posts,
        seed,
      ),
    ] as const
  })
  return { ...Object.fromEntries(measured), [placeboName]: placeboLift(input, createRandom(seed).fork('placebo')) }
}

const measure = (differences: readonly (readonly number[])[], posts: number, seed: number): MeasuredLift => ({
  estimate: liftEstimate(differences, createRandom(seed).fork('lift')),
  creators: differences.length,
  posts,
})

/** Of each creator the shuffles that recommended hours at which the creator posted later. */
function placeboLift(input: PostingTimeTest, random: Random): MeasuredLift {
  const differences = new Map<number, number[]>()
  const posts: number[] = []
  for (let shuffle = 0; shuffle < shuffles; shuffle++) {
    const lift = topHoursLift(input, placebo(input.table, input.past, input.fit, random))
    posts.push(lift.posts)
    for (const [creator, difference] of lift.byCreator) {
      differences.set(creator, [...(differences.get(creator) ?? []), difference])
    }
  }
  return measure([...differences.values()], mean(posts), input.seed)
}

function r2Row(input: PostingTimeTest): MetricRow {
  const { table, past, test, fit, seed } = input
  const groups = Int32Array.from(test, (row) => table.creator[row]!)
  const actual = centred(
    table,
    test,
    Float64Array.from(test, (row) => table.outcome[row]!),
  )
  const estimate = (score: HourScore): Estimate => {
    const prediction = Float64Array.from(test, (row) => score(table.creator[row]!, table.hour[row]!))
    const predicted = centred(table, test, prediction)
    return bootstrapStatistic(
      test.length,
      (rows) => explained(pick(actual, rows), pick(predicted, rows)),
      createRandom(seed).fork('bootstrap'),
      { resamples: 300, groups },
    )
  }
  const model = estimate(asServed(effectOf(fit)))
  const rivals = {
    ...postingTimeRivals(table, past),
    [placeboName]: placebo(table, past, fit, createRandom(seed).fork('placebo')),
  }
  const row = { metric: 'within-creator R²', higherIsBetter: true }
  if (Number.isFinite(model.value)) {
    return {
      ...row,
      model,
      baselines: Object.fromEntries(Object.entries(rivals).map(([name, score]) => [name, estimate(score)])),
    }
  }
  // Nothing varies within a creator: no hour explains anything, and the gate then refuses the model as no better than its baselines.
  const nothing = { value: 0, low: null, high: null }
  return { ...row, model: nothing, baselines: { 'every hour alike': nothing } }
}

/** Lifts in float32, as serving will read them, so that the same model ties with itself as champion. */
const asServed =
  (score: HourScore): HourScore =>
  (creator, hour) =>
    Math.log(Math.fround(Math.exp(score(creator, hour))))

function explained(actual: Float64Array, predicted: Float64Array): number {
  const total = actual.reduce((sum, value) => sum + value ** 2, 0)
  return total === 0 ? Number.NaN : 1 - actual.reduce((sum, value, i) => sum + (value - predicted[i]!) ** 2, 0) / total
}
