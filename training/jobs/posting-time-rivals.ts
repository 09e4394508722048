import { hoursPerWeek } from '../../features/transforms/local-clock.ts'
import type { Random } from '../backend/random.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import { centred, deviations } from '../estimators/creator-deviations.ts'
import { creatorEffect, fitPostingTime, type PostingTimeFit } from '../estimators/posting-time.ts'
import type { HourScore } from '../evaluation/top-hours-lift.ts'

/** What posts before the test part say of an hour: the model must do better than each of these. */
export function postingTimeRivals(table: HourTable, past: Int32Array): Readonly<Record<string, HourScore>> {
  const { deviation } = deviations(table, past)
  const hourOfDay = meanBy(past, deviation, (row) => table.hour[row]! % 24)
  const hourOfWeek = meanBy(past, deviation, (row) => table.hour[row]!)
  return {
    'every hour alike': () => 0,
    'everyone’s hour of day': (_, hour) => hourOfDay.get(hour % 24) ?? 0,
    'everyone’s hour of week': (_, hour) => hourOfWeek.get(hour) ?? 0,
    'usual hours': usualHours(table, past, deviation),
  }
}

/**
 * The same method with nothing chosen: a creator's hour of the day, drawn as by 30 posts to that of everyone, which is drawn as by 50 to no
 * effect. What chosen settings add; no rival of another kind.
 */
export const fixedShrinkage = (table: HourTable, past: Int32Array): HourScore =>
  effectOf(fitPostingTime(table, past, fixedSettings, []))

const fixedSettings = {
  neighbour: 0,
  otherDay: 1,
  otherKind: 1,
  strength: [50, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 30],
} as const

export const effectOf =
  (fit: PostingTimeFit): HourScore =>
  (creator, hour) =>
    creatorEffect(fit, creator, hour).mean

/** The same model, settings and terms after the hours of each creator's past posts were shuffled among them: what chance alone recommends. */
export const placebo = (table: HourTable, past: Int32Array, fit: PostingTimeFit, random: Random): HourScore =>
  effectOf(fitPostingTime(permuteHours(table, past, random), past, fit.settings, fit.terms))

/** The more often a creator posts at an hour of day, the better it is taken to be; the slope is fitted on the past. */
function usualHours(table: HourTable, past: Int32Array, deviation: Float64Array): HourScore {
  const uses = new Map<number, number>()
  const key = (creator: number, hour: number): number => creator * hoursPerWeek + (hour % 24)
  const keyOf = (row: number): number => key(table.creator[row]!, table.hour[row]!)
  for (const row of past) uses.set(keyOf(row), (uses.get(keyOf(row)) ?? 0) + 1)
  const x = centred(
    table,
    past,
    Float64Array.from(past, (row) => Math.log1p(uses.get(keyOf(row))!)),
  )
  const product = past.reduce((sum, row, i) => sum + x[i]! * deviation[row]!, 0)
  const square = x.reduce((sum, value) => sum + value * value, 0)
  const slope = square === 0 ? 0 : product / square
  return (creator, hour) => slope * Math.log1p(uses.get(key(creator, hour)) ?? 0)
}

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

function meanBy(rows: Int32Array, values: Float64Array, key: (row: number) => number): ReadonlyMap<number, number> {
  const groups = new Map<number, [sum: number, count: number]>()
  for (const row of rows) {
    const entry = groups.get(key(row)) ?? [0, 0]
    groups.set(key(row), [entry[0] + values[row]!, entry[1] + 1])
  }
  return new Map([...groups].map(([name, [sum, count]]) => [name, sum / count]))
}
