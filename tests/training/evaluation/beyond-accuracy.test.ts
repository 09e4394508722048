import { describe, expect, it } from 'vitest'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import {
  coverage,
  exposures,
  gini,
  novelty,
  popularityLift,
  serendipity,
} from '../../../training/evaluation/beyond-accuracy.ts'
import { intraListDiversity } from '../../../training/evaluation/intra-list-diversity.ts'
import { itemPopularity, mostPopularUnseen } from '../../../training/evaluation/item-popularity.ts'

// Four users. x: a b c d, y: a b, z: c; w nobody (known from a held-out part). Items in the order x y z w. User a had x twice.
const pairs = ['ax', 'ay', 'ax', 'bx', 'by', 'cx', 'cz', 'dx'].map((pair) => [...pair] as [string, string])
const grouped = groupByUser(
  { userIds: pairs.map(([user]) => user), itemIds: pairs.map(([, item]) => item), times: pairs.map((_, i) => i) },
  { minInteractions: 1, firstOnly: false },
)
const popularity = itemPopularity({ ...grouped, items: [...grouped.items, 'w'] })
const [x, y, z, w] = [0, 1, 2, 3] as const
const list = (...items: number[]) => Int32Array.from(items)

describe('itemPopularity', () => {
  it('counts users, not events', () => {
    expect([...popularity.counts]).toEqual([4, 2, 1, 0])
    expect([...popularity.usersOf(x)]).toEqual([0, 1, 2, 3])
    expect(popularity.userCount).toBe(4)
  })
  it('ranks items from 0 to 1', () => {
    expect([...popularity.percentiles]).toEqual([0.875, 0.625, 0.375, 0.125])
  })
  it('knows what popularity would list', () => {
    expect([...mostPopularUnseen(popularity, list(x), 2)]).toEqual([y, z])
  })
})

describe('novelty', () => {
  it('is the mean self-information in bits', () => {
    // x: log2(4/4) = 0, y: log2(4/2) = 1, z: log2(4/1) = 2; w counts as if one had it
    expect(novelty(list(x, y, z), popularity)).toBe(1)
    expect(novelty(list(w), popularity)).toBe(2)
  })
})

describe('popularityLift', () => {
  it('compares the list with the history by percentile', () => {
    // list x y: (.875 + .625)/2 = .75; history z: .375
    expect(popularityLift(list(x, y), list(z), popularity)).toBe(0.375)
    expect(popularityLift(list(z), list(x), popularity)).toBe(-0.5)
  })
})

describe('serendipity', () => {
  it('counts hits that popularity does not have', () => {
    // held out x and z; both are found, x by popularity as well
    expect(serendipity(list(x, z, w), new Set([x, z]), new Set([x, y]))).toBe(0.5)
  })
})

describe('coverage and gini', () => {
  it('are of a catalogue where one item has every place', () => {
    const counts = exposures([list(x), list(x)], 4)
    expect(coverage(counts)).toBe(0.25)
    expect(gini(counts)).toBe(0.75)
  })
  it('are of equal shares', () => {
    const counts = exposures([list(x, y), list(z, w)], 4)
    expect(coverage(counts)).toBe(1)
    expect(gini(counts)).toBe(0)
  })
  it('gini follows its formula between', () => {
    // ascending 0 0 1 3: (−3·0 −1·0 + 1·1 + 3·3)/(4·4) = 10/16
    expect(gini(Int32Array.of(3, 0, 1, 0))).toBe(0.625)
  })
})

describe('intraListDiversity', () => {
  const diversity = intraListDiversity(popularity)
  it('is one minus the cosine of shared users', () => {
    // |x ∩ y| = 2, cosine 2/√8
    expect(diversity(list(x, y))).toBeCloseTo(1 - 2 / Math.sqrt(8))
    expect(diversity(list(y, z))).toBe(1)
  })
  it('is the mean over pairs', () => {
    // x–y 2/√8, x–z 1/√4, y–z 0
    expect(diversity(list(z, x, y))).toBeCloseTo(1 - (2 / Math.sqrt(8) + 1 / 2) / 3)
  })
  it('is undefined for one item', () => {
    expect(diversity(list(x))).toBeNaN()
  })
})
