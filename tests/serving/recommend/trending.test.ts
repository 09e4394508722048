import { describe, expect, it } from 'vitest'
import type { HeldFacts } from '../../../features/store/online-store.ts'
import { catalogueOf } from '../../../serving/recommend/catalogue.ts'
import { Trending } from '../../../serving/recommend/trending.ts'

const hour = 3600
const day = 24 * hour
const asOf = 20_000 * day

function catalogue(scores: readonly number[], at = asOf, held?: HeldFacts) {
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
  return catalogueOf(cards, [], { version: 'v', synthetic: false, asOf: at, ...(held && { held }) })
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
    for (let i = 0; i < 3; i++) trending.add('c1', asOf + 4 * day, asOf + 4 * day)
    // After four days the 8 are worth 2, and the three fresh ones 3.
    expect(trending.scoreOf(1, asOf + 4 * day)).toBeCloseTo(3)
    expect([...trending.list(asOf + 4 * day)]).toEqual([1, 0])
  })

  it('does not count again what the materialised score holds', () => {
    const trending = new Trending(catalogue([0]))
    trending.add('c0', asOf - 2 * hour, asOf)
    expect(trending.scoreOf(0, asOf)).toBe(0)
  })

  it('carries live events over to a new catalogue, but for those that it holds', () => {
    const old = new Trending(catalogue([0, 0]))
    old.add('c0', asOf + hour, asOf + hour)
    old.add('c1', asOf + 3 * day, asOf + 3 * day)
    const next = new Trending(catalogue([0, 0], asOf + 2 * day), old)
    expect(next.scoreOf(0, asOf + 3 * day)).toBe(0)
    expect(next.scoreOf(1, asOf + 3 * day)).toBeCloseTo(1)
  })

  it('of the day whose facts end at noon, counts what happened later or came later, though the catalogue is of midnight', () => {
    const noon = asOf - 12 * hour
    const trending = new Trending(catalogue([0, 0], asOf, { until: noon, readAt: noon + 600 }))
    trending.add('c0', noon - 1, noon) // in the version
    trending.add('c0', noon + 1e-7, noon) // in the version as well: the warehouse keeps microseconds
    expect(trending.scoreOf(0, asOf)).toBe(0)
    trending.add('c0', noon + 1, noon + 1)
    trending.add('c1', noon - 1, noon + 601)
    // Half a day is a quarter of the half-life.
    expect(trending.scoreOf(0, noon)).toBeCloseTo(1, 4)
    expect(trending.scoreOf(1, asOf)).toBeCloseTo(2 ** -0.25, 4)
  })

  it('carries over of an hour that is partly in the new catalogue only what is not', () => {
    const old = new Trending(catalogue([0]))
    for (const minute of [1, 20, 40]) old.add('c0', asOf + minute * 60, asOf + minute * 60)
    const next = new Trending(catalogue([0], asOf + day, { until: asOf + 20 * 60, readAt: asOf + 30 * 60 }), old)
    expect(next.scoreOf(0, asOf + 40 * 60)).toBeCloseTo(1)
  })

  it('forgets the oldest of two hundred thousand ids that clients made up, before a new catalogue', () => {
    const old = new Trending(catalogue([]))
    const count = 200_010
    for (let i = 0; i < count; i++) {
      old.add(i === 0 ? 'c0' : i === count - 1 ? 'c1' : `made-up-${i}`, asOf + hour, asOf + hour)
    }
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
    trending.add('c1', asOf, asOf)
    expect([...trending.list(asOf)]).toEqual([1, 0])
    expect(trending.scoreOf(1, asOf)).toBeCloseTo(1)
  })
})
