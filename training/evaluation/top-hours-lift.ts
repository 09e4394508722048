import type { Estimate } from '../../models/artifact/manifest.ts'
import type { Random } from '../backend/random.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import { bootstrapStatistic } from './bootstrap-statistic.ts'
import { mean } from './mean.ts'

/** How good an hour of the week is for a creator; only the order counts. */
export type HourScore = (creator: number, hour: number) => number

/** Whom the back-test asks, and what it may recommend. */
interface BackTestRules {
  /** Fewest posts of a creator before the test part, and in it. */
  readonly fewestPast: number
  readonly fewestLater: number
  /** Fewest past posts at an hour of the day that may be recommended: nothing that the creator has not tried. */
  readonly fewestUses: number
}

export interface BackTest {
  readonly table: HourTable
  readonly past: Int32Array
  readonly test: Int32Array
  readonly rules: BackTestRules
}

/** What the recommended hours were worth to those creators who later posted at them. */
export interface TopHoursLift {
  /** Mean ln(1 + outcome) of a creator's later posts at the recommended hours − that of the creator's other later posts. */
  readonly byCreator: ReadonlyMap<number, number>
  /** Later posts at recommended hours. */
  readonly posts: number
}

const recommended = 3
/** Of fewer posts on either side a mean says nothing. */
const fewestCompared = 3
const hoursPerDay = 24

/**
 * Recommends each creator the three best hours of the day by the past alone, and compares the creator's later posts at these hours with the
 * creator's other later posts. An hour's score is its mean over the days of the week; of equal hours the earlier one goes first.
 */
export function topHoursLift({ table, past, test, rules }: BackTest, score: HourScore): TopHoursLift {
  const before = byCreatorAndHour(table, past)
  const later = byCreatorAndHour(table, test)
  const byCreator = new Map<number, number>()
  let posts = 0
  for (const [creator, hours] of later) {
    const uses = before.get(creator)
    if (uses === undefined || count(uses) < rules.fewestPast || count(hours) < rules.fewestLater) continue
    const best = topHours(uses, rules.fewestUses, (hour) => dailyScore(score, creator, hour))
    const chosen = best.flatMap((hour) => hours[hour]!)
    const others = hours.flatMap((outcomes, hour) => (best.includes(hour) ? [] : outcomes))
    if (chosen.length < fewestCompared || others.length < fewestCompared) continue
    byCreator.set(creator, mean(chosen) - mean(others))
    posts += chosen.length
  }
  return { byCreator, posts }
}

/**
 * e^(mean over creators) − 1 with its 95 % bootstrap interval over creators. Where a creator was asked several times, as a placebo is, the
 * value takes the mean and a resample draws one of them: so the interval is that of asking once, whichever shuffle that would have been.
 *
 * @param differences in ln, of each creator one or more
 * @returns NaN without creators
 */
export function liftEstimate(differences: readonly (readonly number[])[], random: Random): Estimate {
  if (differences.length === 0) return { value: Number.NaN, low: null, high: null }
  const draws = random.fork('draws')
  const drawn = (its: readonly number[]): number => (its.length === 1 ? its[0]! : its[draws.int(its.length)]!)
  const { low, high } = bootstrapStatistic(
    differences.length,
    (rows) => Math.expm1(mean(Array.from(rows, (i) => drawn(differences[i]!)))),
    random,
    { resamples: 2000 },
  )
  return { value: Math.expm1(mean(differences.map(mean))), low, high }
}

/** Nothing where all hours score alike: then there is nothing to recommend. */
function topHours(uses: readonly (readonly number[])[], fewest: number, score: (hour: number) => number): number[] {
  const known = uses.flatMap((posts, hour) => (posts.length >= fewest ? [{ hour, score: score(hour) }] : []))
  if (new Set(known.map((entry) => entry.score)).size < 2) return []
  return known
    .sort((a, b) => b.score - a.score || a.hour - b.hour)
    .slice(0, recommended)
    .map(({ hour }) => hour)
}

const dailyScore = (score: HourScore, creator: number, hour: number): number =>
  mean(Array.from({ length: 7 }, (_, day) => score(creator, hoursPerDay * day + hour)))

const count = (hours: readonly (readonly number[])[]): number => hours.reduce((sum, posts) => sum + posts.length, 0)

/** Outcomes by creator and hour of the day. */
function byCreatorAndHour(table: HourTable, rows: Int32Array): Map<number, number[][]> {
  const found = new Map<number, number[][]>()
  for (const row of rows) {
    const hours = found.get(table.creator[row]!) ?? Array.from({ length: hoursPerDay }, (): number[] => [])
    found.set(table.creator[row]!, hours)
    hours[table.hour[row]! % hoursPerDay]!.push(table.outcome[row]!)
  }
  return found
}
