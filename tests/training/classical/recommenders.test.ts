import { describe, expect, it } from 'vitest'
import { fitItemKnn } from '../../../training/classical/item-knn.ts'
import { defaultNextItem, fitNextItem } from '../../../training/classical/next-item.ts'
import { fitPopularity } from '../../../training/classical/popularity.ts'
import type { Recommender } from '../../../training/classical/recommender.ts'
import { topItems } from '../../../training/classical/top-items.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { historyOf, type Interactions } from '../../../training/datasets/interactions.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import { rankUsers } from '../../../training/evaluation/rank-users.ts'
import { checkerboard } from '../checkerboard.ts'

const keepAll = { minInteractions: 1, firstOnly: true }
const group = (lists: Record<string, string>): Interactions => {
  const pairs = Object.entries(lists).flatMap(([user, items]) => [...items].map((item) => [user, item] as const))
  return groupByUser(
    {
      userIds: pairs.map(([user]) => user),
      itemIds: pairs.map(([, item]) => item),
      times: pairs.map((_, i) => i * 86_400),
    },
    keepAll,
  )
}
const scoresOf = (recommender: Recommender, data: Interactions, history: string): Record<string, number> => {
  const scores = new Float32Array(data.items.length)
  recommender.score(
    0,
    Int32Array.from(history, (id) => data.items.indexOf(id)),
    scores,
  )
  return Object.fromEntries(data.items.map((id, item) => [id, scores[item]!]))
}

describe('topItems', () => {
  it('puts the lower index first among equals, and never chooses −Infinity', () => {
    expect([...topItems(Float32Array.of(1, 3, Number.NEGATIVE_INFINITY, 3, 2), 4)]).toEqual([1, 3, 4, 0])
    expect([...topItems(Float32Array.of(5, 5, 5), 2)]).toEqual([0, 1])
  })
})

describe('fitPopularity', () => {
  const data = group({ a: 'xy', b: 'xz' })
  it('counts interactions', () => {
    expect(scoresOf(fitPopularity(data, { halfLifeDays: Number.POSITIVE_INFINITY }), data, '')).toEqual({
      x: 2,
      y: 1,
      z: 1,
    })
  })
  it('halves an interaction for each half-life of age', () => {
    // days 0 x, 1 y, 2 x, 3 z; newest is day 3; half-life 1 day: x = 1/8 + 1/2
    expect(scoresOf(fitPopularity(data, { halfLifeDays: 1 }), data, '')).toEqual({ x: 0.625, y: 0.25, z: 1 })
  })
})

describe('fitItemKnn', () => {
  // x: a b c; y: a b; z: c. cos(x, y) = 2/√6, cos(x, z) = 1/√3, cos(y, z) = 0
  const data = group({ a: 'xy', b: 'xy', c: 'xz' })
  it('sums cosines over the history', () => {
    const scores = scoresOf(fitItemKnn(data, { k: 5 }), data, 'x')
    expect(scores.y).toBeCloseTo(2 / Math.sqrt(6), 6)
    expect(scores.z).toBeCloseTo(1 / Math.sqrt(3), 6)
  })
  it('counts only history items among the k nearest of the candidate', () => {
    // the single nearest of x is y, so z in the history says nothing about x
    expect(scoresOf(fitItemKnn(data, { k: 1 }), data, 'z').x).toBe(0)
  })
  it('lists neighbours best first, padded with −1', () => {
    const { items } = fitItemKnn(data, { k: 1 }).neighbourLists(3)
    const [x, y, z] = ['x', 'y', 'z'].map((id) => data.items.indexOf(id)) as [number, number, number]
    expect([...items.subarray(x * 3, x * 3 + 3)]).toEqual([y, z, -1])
    expect([...items.subarray(z * 3, z * 3 + 3)]).toEqual([x, -1, -1])
  })
})

describe('fitNextItem', () => {
  it('weighs followers by distance and damps by counts', () => {
    const data = group({ a: 'xyz' })
    const next = fitNextItem(data, { window: 2, popularityDamping: 1, decay: 0.5, lastItems: 10 })
    // every count is 1: T[x, y] = 1/(√2·2), T[x, z] = ½/(√2·2), T[y, z] = 1/(√2·2)
    const unit = 1 / (2 * Math.SQRT2)
    expect(scoresOf(next, data, 'x').y).toBeCloseTo(unit, 6)
    expect(scoresOf(next, data, 'x').z).toBeCloseTo(unit / 2, 6)
    // history x, y: y is last (weight 1), x before it (weight ½)
    expect(scoresOf(next, data, 'xy').z).toBeCloseTo(unit + unit / 4, 6)
    expect(scoresOf(next, data, 'x').x).toBe(0)
  })
})

describe.each([
  ['item-knn', (data: Interactions) => fitItemKnn(data, { k: 20 })],
  ['next-item', (data: Interactions) => fitNextItem(data, defaultNextItem)],
])('%s on a checkerboard', (_, fitTo) => {
  const data = groupByUser(checkerboard(50, 40), keepAll)
  const split = splitLeaveLast(data)
  const recommender = fitTo(split.trainAndValidation)

  it('finds every withheld item in first place: nothing else of its colour is left', async () => {
    const lists = await rankUsers(recommender, split.trainAndValidation, split.test, 1)
    expect(lists.every((list, i) => list[0] === split.test.items[i]![0])).toBe(true)
  })

  it('answers an empty history with zeros', () => {
    const scores = new Float32Array(data.items.length).fill(9)
    recommender.score(0, new Int32Array(), scores)
    expect(scores.every((score) => score === 0)).toBe(true)
  })

  it('recommends nothing of the other colour', () => {
    const history = historyOf(split.trainAndValidation, 0)
    const scores = new Float32Array(data.items.length)
    recommender.score(0, history, scores)
    const colour = (item: number): number => Number(data.items[item]!.slice('content-'.length)) % 2
    expect(scores.every((score, item) => score === 0 || colour(item) === colour(history[0]!))).toBe(true)
  })
})
