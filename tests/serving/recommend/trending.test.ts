import { describe, expect, it } from 'vitest'
import { catalogueOf } from '../../../serving/recommend/catalogue.ts'
import { Trending } from '../../../serving/recommend/trending.ts'

const hour = 3600
const day = 24 * hour
const asOf = 20_000 * day

function catalogue(scores: readonly number[], at = asOf) {
  const cards = scores.map((trendingScore, i) => ({
    contentId: `c${i}`,
    title: '',
    creatorId: '',
    creatorName: '',
    platform: i % 2 === 0 ? 'youtube' : 'tiktok',
    category: '',
    language: '',
    durationSeconds: null,
    publishedAt: i,
    trendingScore,
  }))
  return catalogueOf(cards, [], { version: 'v', synthetic: false, asOf: at })
}

describe('Trending', () => {
  it('halves every two days', () => {
    const trending = new Trending(catalogue([8]))
    expect(trending.scoreOf(0, asOf)).toBe(8)
    expect(trending.scoreOf(0, asOf + 2 * day)).toBe(4)
    expect(trending.scoreOf(0, asOf + 6 * day)).toBe(1)
  })

  it('counts a live event as one, now, and more than an older one', () => {
    const trending = new Trending(catalogue([8, 0]))
    for (let i = 0; i < 3; i++) trending.add('c1', asOf + 4 * day)
    // After four days the 8 are worth 2, and the three fresh ones 3.
    expect(trending.scoreOf(1, asOf + 4 * day)).toBeCloseTo(3)
    expect([...trending.list(asOf + 4 * day)]).toEqual([1, 0])
  })

  it('does not count again what the materialised score holds', () => {
    const trending = new Trending(catalogue([0]))
    trending.add('c0', asOf - 2 * hour)
    expect(trending.scoreOf(0, asOf)).toBe(0)
  })

  it('carries live events over to a new catalogue, but for those that it holds', () => {
    const old = new Trending(catalogue([0, 0]))
    old.add('c0', asOf + hour)
    old.add('c1', asOf + 3 * day)
    const next = new Trending(catalogue([0, 0], asOf + 2 * day), old)
    expect(next.scoreOf(0, asOf + 3 * day)).toBe(0)
    expect(next.scoreOf(1, asOf + 3 * day)).toBeCloseTo(1)
  })

  it('forgets the oldest of a hundred thousand ids that clients made up, before a new catalogue', () => {
    const old = new Trending(catalogue([]))
    const count = 100_010
    for (let i = 0; i < count; i++) old.add(i === 0 ? 'c0' : i === count - 1 ? 'c1' : `made-up-${i}`, asOf + hour)
    const next = new Trending(catalogue([0, 0]), old)
    expect(next.scoreOf(0, asOf + hour)).toBe(0)
    expect(next.scoreOf(1, asOf + hour)).toBeCloseTo(1)
  })

  it('filters, and puts the newest first where nobody has touched anything', () => {
    const trending = new Trending(catalogue([0, 0, 0, 0]))
    expect([...trending.list(asOf)]).toEqual([3, 2, 1, 0])
    expect([...trending.list(asOf, { platform: 'youtube' })]).toEqual([2, 0])
  })

  it('stays finite with data of decades ago', () => {
    const trending = new Trending(catalogue([5, 0], 10_000 * day))
    trending.add('c1', asOf)
    expect([...trending.list(asOf)]).toEqual([1, 0])
    expect(trending.scoreOf(1, asOf)).toBeCloseTo(1)
  })
})
