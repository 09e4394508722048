import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MartSource } from '../../../features/sources/mart-source.ts'
import { openMartSource } from '../../../features/sources/open-mart-source.ts'
import { type CreatorWeeks, readCreatorWeeks, weeksWith } from '../../../training/datasets/creator-weeks.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'

const most = { creators: 100, weeks: 100 }
/** Sunday, 1 March 2026: the first Monday is the day after. */
const day = (n: number): Date => new Date(Date.UTC(2026, 2, 1 + n))
const content = (id: string, creator: string | null) => [
  ...[id, 'youtube', creator, 'A title', null, null, 'Music', 'en', 60, day(0), null],
]
const daily = (id: string, n: number, ads: number | null, sponsors: number | null) => [
  ...[id, day(n), 10, null, null, null, null, null, null, null, null, null, ads, sponsors],
]

describe('readCreatorWeeks', () => {
  let world: FeatureWorld
  let source: MartSource
  let weeks: CreatorWeeks
  beforeAll(async () => {
    world = await createFeatureWorld({
      dim_content: [content('a1', 'anna'), content('a2', 'anna'), content('b1', 'ben'), content('x', null)],
      fct_content_daily: [
        // A dollar a day from the first to the 43rd day, by two contents in turns; 14 dollars of a sponsor on the ninth.
        ...Array.from({ length: 43 }, (_, n) => daily(n % 2 === 0 ? 'a1' : 'a2', n, 1, n === 8 ? 14 : null)),
        daily('b1', 30, null, 5),
        daily('b1', 31, 0, 0),
        daily('x', 3, 100, 100),
      ],
    })
    source = await openMartSource(world.config)
    weeks = await readCreatorWeeks(source, most)
  })
  afterAll(async () => {
    await source.close()
    await world.remove()
  })

  const rowsOf = (id: string): number[] => [...weeks.creatorId.keys()].filter((row) => weeks.creatorId[row] === id)
  const outcome = (days: 7 | 14 | 28, row: number): number => weeks.outcomes.get(`revenue_${days}d`)![row]!

  it('has a row for each creator and Monday with earnings before it, in the order of time', () => {
    const mondays = (id: string) => rowsOf(id).map((row) => weeks.at[row]! / 86_400 - day(0).getTime() / 86_400_000)
    expect(mondays('anna')).toEqual([1, 8, 15, 22, 29, 36])
    expect(mondays('ben')).toEqual([36])
    expect(new Set(weeks.creatorId)).toEqual(new Set(['anna', 'ben']))
    expect([...weeks.at].toSorted((a, b) => a - b)).toEqual([...weeks.at])
    expect(new Set(rowsOf('anna').map((row) => weeks.creator[row])).size).toBe(1)
  })

  it('adds up cents of all contents from the Monday on, and knows none whose days are not over', () => {
    const [first, second, third, , fifth, last] = rowsOf('anna')
    expect(outcome(7, first!)).toBeCloseTo(700, 6)
    expect(outcome(7, second!)).toBeCloseTo(700 + 1400, 6)
    expect(outcome(14, first!)).toBeCloseTo(1400 + 1400, 6)
    expect(outcome(28, third!)).toBeCloseTo(2800, 6)
    expect(outcome(14, fifth!)).toBeCloseTo(1400, 6) // until the last day that has counts
    expect(outcome(28, fifth!)).toBeNaN()
    expect(outcome(7, last!)).toBeCloseTo(700, 6)
    expect(outcome(14, last!)).toBeNaN()
    expect(outcome(7, rowsOf('ben')[0]!)).toBe(0)
  })

  it('takes means over the days before, as far as the data reaches', () => {
    const [first, second, , , fifth] = rowsOf('anna')
    expect(weeks.meanBefore(28)[first!]).toBeCloseTo(100, 6)
    expect(weeks.meanBefore(7)[second!]).toBeCloseTo(100, 6)
    expect(weeks.meanBefore(90)[fifth!]).toBeCloseTo((29 * 100 + 1400) / 29, 6)
    expect(weeks.meanBefore(7)[rowsOf('ben')[0]!]).toBeCloseTo(500 / 7, 6)
  })

  it('keeps the last Mondays, and the weeks of a known outcome', async () => {
    const few = await readCreatorWeeks(source, { creators: 100, weeks: 2 })
    expect(few.rowCount).toBe(3)
    const known = weeksWith(weeks, 'revenue_28d')
    expect([...known.at]).toEqual([...weeks.at].slice(0, 3))
    expect(known.meanBefore(7)).toEqual(weeks.meanBefore(7).slice(0, 3))
    expect(known.outcomes.get('revenue_7d')).toEqual(weeks.outcomes.get('revenue_7d')!.slice(0, 3))
  })

  it('draws the same creators each time', async () => {
    const one = await readCreatorWeeks(source, { creators: 1, weeks: 100 })
    const again = await readCreatorWeeks(source, { creators: 1, weeks: 100 })
    expect(new Set(one.creatorId).size).toBe(1)
    expect(again.creatorId).toEqual(one.creatorId)
  })
})
