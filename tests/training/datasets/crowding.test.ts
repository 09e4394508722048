import { describe, expect, it } from 'vitest'
import { crowding } from '../../../training/datasets/crowding.ts'
import { hoursOnClocks } from '../../../training/datasets/hour-posts.ts'
import { hourTableOf } from '../../support/hour-table.ts'

const monday = Date.parse('2026-01-05T00:00:00Z') / 1000
const week = 168

describe('crowding', () => {
  /** Creators 0 and 1 of music in UTC, 2 of music in Kolkata, 3 of comedy; each posts on Monday at 12:00 UTC, and 1 also at 15:00. */
  const posts = [0, 1, 2, 3, 1].map((creator, i) => ({ creator, hour: 0, outcome: i, at: i < 4 ? 12 : 15 }))
  const plain = hourTableOf(posts, { 2: { timeZone: 'Asia/Kolkata' }, 3: { category: 'Comedy' } })
  const at = Float64Array.from(posts, (post) => monday + post.at * 3600)
  const table = { ...plain, at, hour: hoursOnClocks(at, plain.creator, plain.creators) }
  const values = crowding(table, Int32Array.of(0, 1, 2, 3, 4))
  const of = (creator: number): Float64Array => values.subarray(creator * week, (creator + 1) * week)
  const crowded = (creator: number): number[] =>
    [...of(creator).entries()].flatMap(([hour, value]) => (value > Math.min(...of(creator)) ? [hour] : []))

  it('counts others of the category and not the creator’s own posts, on the creator’s own clock', () => {
    expect(crowded(0)).toEqual([12, 15])
    expect(crowded(1)).toEqual([12])
    // 12:00 UTC is 17:30 in Kolkata.
    expect(crowded(2)).toEqual([17, 20])
    expect(of(0)[12]).toBeGreaterThan(of(0)[15]!)
  })

  it('is 0 for a creator who is alone in a category', () => {
    expect(of(3).every((value) => value === 0)).toBe(true)
  })

  it('has mean 0 and standard deviation 1 per creator', () => {
    const own = of(0)
    const mean = own.reduce((sum, value) => sum + value, 0) / week
    expect(mean).toBeCloseTo(0, 10)
    expect(own.reduce((sum, value) => sum + value ** 2, 0) / week).toBeCloseTo(1, 10)
  })
})
