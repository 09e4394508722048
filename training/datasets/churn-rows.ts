import { AppError } from '../../errors.ts'
import { countUpTo } from '../../features/transforms/count-up-to.ts'
import type { AudienceDays } from './audience-days.ts'
import type { ChurnEvents } from './churn-events.ts'
import { day, type TimeSplit } from './time-split.ts'

/** Spans that a probability is given for, days. */
export const churnHorizons = [28, 90] as const
export type ChurnHorizon = (typeof churnHorizons)[number]

const daySeconds = 86_400

/** People at moments when they could be lost, ascending by moment. */
export interface ChurnRows {
  readonly rowCount: number
  readonly person: Int32Array
  readonly userId: readonly string[]
  /** The midnight that the row describes, days since 1970. */
  readonly day: Int32Array
  /** The midnight at which the person is lost, days since 1970; Infinity where that is not known. */
  readonly lostAt: Float64Array
  /** Days from the first one with an interaction to the last, and from there to the row's; how many such days there were. */
  readonly history: {
    readonly activeDays: Float64Array
    readonly untilLast: Float64Array
    readonly sinceLast: Float64Array
  }
}

/** The longest horizon that the data covers three times over: for what is learned, chosen by and judged. */
export function coveredHorizon({ firstDay, endDay }: AudienceDays): ChurnHorizon {
  const span = endDay - firstDay
  const covered = churnHorizons.filter((horizon) => span > 3 * horizon)
  if (covered.length > 0) return covered.at(-1)!
  throw new AppError(
    'DATA_INSUFFICIENT',
    `The interactions span ${span} days, ${day(firstDay * daySeconds)} to ${day((endDay - 1) * daySeconds)}; expected at least ${3 * churnHorizons[0] + 1}: ${churnHorizons[0]} each for what is learned, what is chosen by and what is judged. Import a longer span of fct_interactions.`,
  )
}

/** Moments per horizon: each person is learned from as often, which steadies what is learned at the price of time. */
const perHorizon = 4

/**
 * Everyone at risk at moments that end one horizon before the data does: the last moment is the test part, so that nobody is judged twice; those
 * less than a horizon before it are the validation part; the earlier ones, at most `moments` with the validation part, are for training.
 *
 * @param minPeople fewest rows of each part
 * @throws AppError DATA_INSUFFICIENT
 */
export function churnRows(
  audience: AudienceDays,
  events: ChurnEvents,
  horizon: ChurnHorizon,
  { moments, minPeople }: { readonly moments: number; readonly minPeople: number },
): { readonly rows: ChurnRows; readonly split: TimeSplit } {
  const testDay = audience.endDay - horizon
  const step = 7 * Math.round(horizon / perHorizon / 7)
  const days: number[] = []
  for (let at = testDay; at > audience.firstDay && days.length <= moments; at -= step) days.unshift(at)
  const rows = rowsAt(audience, events, days)
  const validDay = testDay - horizon
  const part = (from: number, until: number): Int32Array =>
    Int32Array.from(rows.day.keys()).filter((row) => rows.day[row]! >= from && rows.day[row]! < until)
  const split: TimeSplit = {
    train: part(0, validDay),
    valid: part(validDay, testDay),
    test: part(testDay, Number.POSITIVE_INFINITY),
    validFrom: validDay * daySeconds,
    testFrom: testDay * daySeconds,
    until: Number.POSITIVE_INFINITY,
  }
  for (const [name, its] of [
    ['training', split.train],
    ['validation', split.valid],
    ['test', split.test],
  ] as const) {
    if (its.length >= minPeople) continue
    throw new AppError(
      'DATA_INSUFFICIENT',
      `The ${name} part has ${its.length} people who could be lost; expected at least ${minPeople} (validation from ${day(split.validFrom)}, test on ${day(split.testFrom)}). Import more of fct_interactions, or lower minPeople with --set.`,
    )
  }
  return { rows, split }
}

function rowsAt(audience: AudienceDays, events: ChurnEvents, days: readonly number[]): ChurnRows {
  const people: number[] = []
  const at: number[] = []
  for (const moment of days) {
    for (let person = 0; person < audience.userIds.length; person++) {
      if (!events.isAtRisk(person, moment)) continue
      people.push(person)
      at.push(moment)
    }
  }
  const of = (value: (days: Int32Array, seen: number, moment: number) => number): Float64Array =>
    Float64Array.from(people, (person, row) => {
      const its = audience.days[person]!
      return value(its, countUpTo(its, at[row]! - 1), at[row]!)
    })
  return {
    rowCount: people.length,
    person: Int32Array.from(people),
    userId: people.map((person) => audience.userIds[person]!),
    day: Int32Array.from(at),
    lostAt: Float64Array.from(people, (person, row) => events.lostAt(person, at[row]!)),
    history: {
      activeDays: of((_, seen) => seen),
      untilLast: of((its, seen) => its[seen - 1]! - its[0]!),
      sinceLast: of((its, seen, moment) => moment - its[seen - 1]!),
    },
  }
}
