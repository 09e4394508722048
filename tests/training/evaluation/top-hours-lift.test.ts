import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { liftEstimate, topHoursLift } from '../../../training/evaluation/top-hours-lift.ts'
import { hourTableOf } from '../../support/hour-table.ts'

const rules = { fewestPast: 12, fewestLater: 9, fewestUses: 3 }

/** One creator who posts four times at each of 8, 10, 12, 14 o'clock, once at 20, and then three times at each of those; `outcome` by hour. */
function backTest(outcomeAt: (hour: number) => number) {
  const hours = [8, 10, 12, 14]
  const past = [...hours.flatMap((hour) => [hour, hour, hour, hour]), 20]
  const later = [...hours, 20].flatMap((hour) => [hour, 24 + hour, 48 + hour])
  const table = hourTableOf([...past, ...later].map((hour) => ({ hour, creator: 0, outcome: outcomeAt(hour % 24) })))
  const rows = Int32Array.from(table.at, (_, i) => i)
  return { table, past: rows.slice(0, past.length), test: rows.slice(past.length), rules }
}

describe('topHoursLift', () => {
  const worth = (hour: number): number => ({ 8: 1, 10: 2, 12: 3, 14: 6, 20: 100 })[hour]!

  it('compares the three best of the hours that were used often enough with all other later posts', () => {
    // By hour, 20 is best but was tried once: 10, 12 and 14 against 8 and 20.
    const { byCreator, posts } = topHoursLift(backTest(worth), (_, hour) => hour % 24)
    expect(byCreator.get(0)).toBeCloseTo((2 + 3 + 6) / 3 - (1 + 100) / 2, 12)
    expect(posts).toBe(9)
  })

  it('of equal hours takes the earlier', () => {
    const { byCreator } = topHoursLift(backTest(worth), (_, hour) => (hour % 24 === 14 ? 1 : 0))
    expect(byCreator.get(0)).toBeCloseTo((1 + 2 + 6) / 3 - (3 + 100) / 2, 12)
  })

  it('recommends nothing where all hours score alike, nor to a creator of too few posts', () => {
    expect(topHoursLift(backTest(worth), () => 0).byCreator.size).toBe(0)
    const few = { ...backTest(worth), rules: { ...rules, fewestPast: 18 } }
    expect(topHoursLift(few, (_, hour) => hour).byCreator.size).toBe(0)
  })
})

describe('liftEstimate', () => {
  it('is e^mean − 1, with an interval over creators', () => {
    const { value, low, high } = liftEstimate([[0], [1], [2], [1]], createRandom(1))
    expect(value).toBeCloseTo(Math.E - 1, 12)
    expect(low).toBeGreaterThan(0)
    expect(low!).toBeLessThan(value)
    expect(high!).toBeGreaterThan(value)
  })

  it('of creators asked several times takes the mean, and the interval of asking once', () => {
    const asked = Array.from({ length: 40 }, () => [-1, 1])
    const { value, low, high } = liftEstimate(asked, createRandom(1))
    expect(value).toBeCloseTo(0, 12)
    // A mean of 40 draws of ±1: standard deviation 1/√40 = .158, so ±.31 in ln.
    expect(Math.log1p(high!)).toBeGreaterThan(0.2)
    expect(Math.log1p(low!)).toBeLessThan(-0.2)
  })

  it('of nobody is undefined', () => {
    expect(liftEstimate([], createRandom(1))).toEqual({ value: Number.NaN, low: null, high: null })
  })
})
