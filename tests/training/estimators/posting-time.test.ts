import { describe, expect, it } from 'vitest'
import { hoursOnClocks } from '../../../training/datasets/hour-posts.ts'
import { choosePostingTime } from '../../../training/estimators/choose-posting-time.ts'
import { creatorEffect, fitPostingTime, type HourTerm } from '../../../training/estimators/posting-time.ts'
import { postingTimeTables } from '../../../training/estimators/posting-time-tables.ts'
import { hourTableOf } from '../../support/hour-table.ts'

const settings = { neighbour: 0, otherDay: 0, otherKind: 0, strength: [10, 10, 10, 10] } as const
const allRows = (table: { readonly at: Float64Array }): Int32Array => Int32Array.from(table.at, (_, i) => i)

describe('fitPostingTime', () => {
  it('draws a creator to category, platform and everyone, as by hand', () => {
    // Two creators of one category, deviations ±1 at hours 8 and 9; W = 1 at the creator's level, 2 above.
    const table = hourTableOf([
      { hour: 8, creator: 0, outcome: 1 },
      { hour: 9, creator: 0, outcome: -1 },
      { hour: 8, creator: 1, outcome: 1 },
      { hour: 9, creator: 1, outcome: -1 },
    ])
    const fit = fitPostingTime(table, allRows(table), settings, [])
    const everyone = 2 / 12
    const platform = (2 + 10 * everyone) / 12
    const category = (2 + 10 * platform) / 12
    expect(creatorEffect(fit, 0, 8).mean).toBeCloseTo((1 + 10 * category) / 11, 12)
    expect(creatorEffect(fit, 0, 9).mean).toBeCloseTo(-(1 + 10 * category) / 11, 12)
    expect(creatorEffect(fit, 0, 10).mean).toBe(0)
  })

  it('keeps an evening an evening when clocks change, which UTC hours blur', () => {
    // A year of posts in Berlin at 18:00 (good) and 12:00 (bad): 17:00 and 11:00 UTC in winter, 16:00 and 10:00 in summer.
    const moments = Array.from({ length: 730 }, (_, i) => {
      const local = i % 2 === 0 ? 12 : 18
      const day = Date.UTC(2026, 0, 1 + Math.floor(i / 2)) / 1000
      const summer = day >= Date.UTC(2026, 2, 29) / 1000 && day < Date.UTC(2026, 9, 25) / 1000
      return { at: day + (local - (summer ? 2 : 1)) * 3600, outcome: local === 18 ? 1 : 0 }
    })
    const effects = (timeZone: string): number[] => {
      const plain = hourTableOf(
        moments.map(({ outcome }) => ({ hour: 0, creator: 0, outcome })),
        { 0: { timeZone } },
      )
      const at = Float64Array.from(moments, (post) => post.at)
      const table = { ...plain, at, hour: hoursOnClocks(at, plain.creator, plain.creators) }
      const fit = fitPostingTime(table, allRows(table), { ...settings, otherDay: 1, otherKind: 1 }, [])
      return Array.from({ length: 24 }, (_, hour) => creatorEffect(fit, 0, hour).mean)
    }
    const used = (values: number[]): number[] => [...values.keys()].filter((hour) => Math.abs(values[hour]!) > 0.01)
    expect(used(effects('Europe/Berlin'))).toEqual([12, 18])
    expect(used(effects('UTC'))).toEqual([10, 11, 16, 17])
  })

  it('lets days of the same kind say more than those of the other kind', () => {
    const mondayAt9 = 9
    const table = hourTableOf([
      { hour: mondayAt9, creator: 0, outcome: 1 },
      { hour: mondayAt9 + 1, creator: 0, outcome: -1 },
    ])
    const fit = fitPostingTime(table, allRows(table), { ...settings, otherDay: 1, otherKind: 0.5 }, [])
    const at9 = Array.from({ length: 7 }, (_, day) => creatorEffect(fit, 0, 24 * day + 9).mean)
    expect(new Set(at9.slice(0, 5)).size).toBe(1) // Monday to Friday
    expect(at9[5]).toBe(at9[6])
    expect(at9[5]!).toBeLessThan(at9[0]!)
    expect(at9[5]!).toBeGreaterThan(0)
  })

  it('does not mix hours of local clocks with UTC hours', () => {
    const posts = [0, 0, 1, 1].map((creator, i) => ({ creator, hour: 8 + (i % 2), outcome: i % 2 }))
    const table = hourTableOf([...posts, { creator: 2, hour: 20, outcome: 3 }], { 1: { timeZone: 'Asia/Kolkata' } })
    const fit = fitPostingTime(table, allRows(table), settings, [])
    // Creator 2 has one post, which says nothing: what it is given comes from creator 0, on UTC as well.
    const alone = hourTableOf([...posts.slice(0, 2), { creator: 1, hour: 20, outcome: 3 }])
    const without = fitPostingTime(alone, allRows(alone), settings, [])
    expect(creatorEffect(fit, 2, 9).mean).toBe(creatorEffect(without, 1, 9).mean)
  })

  it('learns what a term adds, and takes it from what hours explain', () => {
    const posts = Array.from({ length: 200 }, (_, i) => ({
      hour: i % 20,
      creator: 0,
      outcome: i % 2 === 0 ? 0.5 : -0.5,
    }))
    const table = hourTableOf(posts)
    const values = Float64Array.from({ length: 168 }, (_, hour) => (hour % 2 === 0 ? -1 : 1))
    const fit = fitPostingTime(table, allRows(table), settings, [{ name: 'crowding', values }])
    expect(fit.terms[0]!.weight).toBeCloseTo(-0.5, 10)
    // At an hour that nobody used, the term alone speaks.
    expect(creatorEffect(fit, 0, 100).mean).toBeCloseTo(0.5, 6)
  })
})

describe('choosePostingTime', () => {
  const noise = (i: number): number => Math.sin(i * 12.9898) // a plain sequence without a period of hours
  const term = (name: HourTerm['name'], valueAt: (hour: number) => number): HourTerm => ({
    name,
    values: Float64Array.from({ length: 168 }, (_, hour) => valueAt(hour)),
  })
  /** Every hour of the week once, in an order that has nothing to do with it. */
  const table = hourTableOf(
    Array.from({ length: 168 }, (_, i) => {
      const hour = (i * 55) % 168
      return { hour, creator: 0, outcome: noise(hour) + 0.1 * noise(1000 + i) }
    }),
  )

  it('uses a term that helps and leaves one that does not', () => {
    const helps = term('audience activity', noise)
    const useless = term('crowding', (hour) => noise(5000 + 7 * hour))
    expect(choosePostingTime(table, allRows(table), [helps, useless]).terms[0]).toBe(helps)
    expect(choosePostingTime(table, allRows(table), [useless]).terms).toEqual([])
  })

  it('of outcomes that never vary chooses something, and says that nothing was explained', () => {
    const constant = { ...table, outcome: new Float64Array(168).fill(3) }
    const { terms, validR2 } = choosePostingTime(constant, allRows(constant), [])
    expect(terms).toEqual([])
    expect(validR2).toBe(0)
  })
})

describe('postingTimeTables', () => {
  const tablesOf = (posts: Parameters<typeof hourTableOf>[0], creators?: Parameters<typeof hourTableOf>[1]) => {
    const table = hourTableOf(posts, creators)
    return postingTimeTables(fitPostingTime(table, allRows(table), settings, []), table, allRows(table))
  }
  const busy = (creator: number) =>
    Array.from({ length: 168 * 40 }, (_, i) => ({ creator, hour: i % 168, outcome: i % 2 === 0 ? 0 : 1 }))

  it('of a creator with one post says whose posts are used, and with how wide an interval', () => {
    const { creators, lift, lower, upper } = tablesOf([...busy(0), { creator: 1, hour: 5, outcome: 9 }])
    expect(creators[2]).toMatchObject({ creatorId: 'creator-1', posts: 1, basis: 'category' })
    expect(lift.every(Number.isFinite)).toBe(true)
    const width = (row: number): number => upper[row * 168 + 7]! / lower[row * 168 + 7]!
    expect(width(2)).toBeGreaterThan(width(1))
  })

  it('of a creator who always posts at one hour knows nothing of that hour: there is nothing to compare it with', () => {
    const { lift } = tablesOf(Array.from({ length: 50 }, (_, i) => ({ creator: 0, hour: 30, outcome: i % 3 })))
    expect(lift[168 + 30]).toBeCloseTo(1, 6)
  })

  it('of constant outcomes and no category: every hour alike, without width', () => {
    const posts = busy(0).map((post) => ({ ...post, outcome: 2 }))
    const { lift, lower, upper, creators } = tablesOf(posts, { 0: { category: '' } })
    expect(new Set([...lift, ...lower, ...upper])).toEqual(new Set([1]))
    expect(creators[1]!.category).toBe('')
  })
})
