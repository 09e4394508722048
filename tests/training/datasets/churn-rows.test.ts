import { describe, expect, it } from 'vitest'
import { churnEvents } from '../../../training/datasets/churn-events.ts'
import { churnRows, coveredHorizon } from '../../../training/datasets/churn-rows.ts'
import { hazardTargets, lostWithin } from '../../../training/jobs/churn-targets.ts'

/** 30 people who come every 5 days; all but the first ten stop on day 250 at the latest. */
function audience(endDay: number) {
  const people = Array.from({ length: 30 }, (_, i) => i)
  return {
    userIds: people.map((i) => `user-${i}`),
    days: people.map((i) =>
      Int32Array.from({ length: 100 }, (_, visit) => visit * 5).filter((day) => day < endDay && (i < 10 || day <= 250)),
    ),
    spells: people.map(() => []),
    firstDay: 0,
    endDay,
  }
}
const options = { moments: 12, minPeople: 10 }

describe('coveredHorizon', () => {
  it('is the longest that fits three times', () => {
    expect([85, 270, 271].map((endDay) => coveredHorizon(audience(endDay)))).toEqual([28, 28, 90])
    expect(() => coveredHorizon(audience(84))).toThrow(/span 84 days.* at least 85/)
  })
})

describe('churnRows', () => {
  const world = audience(400)
  const { rows, split } = churnRows(world, churnEvents(world, 'silence'), 90, options)
  const daysOf = (part: Int32Array): number[] => [...new Set(Array.from(part, (row) => rows.day[row]!))]

  it('judges at one moment, a horizon before the end, and learns every three weeks before it', () => {
    expect(() =>
      churnRows(audience(400), churnEvents(audience(400), 'silence'), 90, { ...options, minPeople: 11 }),
    ).toThrow(/people who could be lost; expected at least 11/)
    // 400 − 90 = 310: of those who stopped on day 250 nobody is at risk any more.
    expect(daysOf(split.test)).toEqual([310])
    expect(split.test.length).toBe(10)
    expect(daysOf(split.valid)).toEqual([226, 247, 268, 289])
    expect(daysOf(split.train).at(-1)).toBe(205)
    expect(daysOf(split.train).length).toBe(8)
  })

  it('knows what was known when the next part began, and no more', () => {
    const { ends, search, final, test, rows: known } = hazardTargets(rows, split, 90)
    const width = ends.length
    expect(width).toBe(13)
    const weeksKnown = (values: Float32Array, day: number): number => {
      const row = rows.day.indexOf(day)
      return values.subarray(row * width, (row + 1) * width).filter((outcome) => !Number.isNaN(outcome)).length
    }
    // Person 0 is never lost. The validation part begins on day 220, the test part on day 310.
    expect(weeksKnown(search, 205)).toBe(2)
    expect(weeksKnown(final, 205)).toBe(13)
    expect(weeksKnown(search, 289)).toBe(3)
    expect(weeksKnown(test, 310)).toBe(13)
    expect(known.train.length).toBe(split.train.length)
    // Who stops on day 250 is lost on day 279, of day 247 in the fifth week: the weeks after are nobody's.
    const stopper = Array.from(rows.day.keys()).find((row) => rows.day[row] === 247 && rows.person[row] === 29)!
    expect([...search.subarray(stopper * width, stopper * width + 6)]).toEqual([0, 0, 0, 0, 1, Number.NaN])
  })

  it('knows a horizon once it is over', () => {
    const { search, final, actual } = lostWithin(rows, split, 28)
    const at = (day: number): number => rows.day.indexOf(day)
    expect([search[at(205)], final[at(205)], search[at(268)], search[at(289)]]).toEqual([Number.NaN, 0, 0, Number.NaN])
    const stopper = Array.from(rows.day.keys()).find((row) => rows.day[row] === 268 && rows.person[row] === 29)!
    expect(actual[stopper]).toBe(1)
  })
})
