import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import type { Interactions } from '../../../training/datasets/interactions.ts'
import { NegativeSampler } from '../../../training/datasets/negative-sampling.ts'
import { trainingBatches } from '../../../training/datasets/training-batches.ts'

const day = 86_400
const userIds = ['ann', 'ann', 'bob', 'bob']
const itemIds = ['old', 'new', 'old', 'newer']
const seen = groupByUser({ userIds, itemIds, times: [0, day, 0, day] }, { minInteractions: 1, firstOnly: true })
const [old, fresh, newer, never] = [0, 1, 2, 3]
/** Nobody has touched the last item. */
const data: Interactions = { ...seen, items: [...seen.items, 'never'] }

/** How often each item is a positive in one epoch. */
function positives(halfLives: { recencyHalfLifeDays?: number; historyHalfLife?: number }, seed: number): number[] {
  const counts = data.items.map(() => 0)
  const sampler = new NegativeSampler(data, { timeAware: false })
  const options = { batchSize: 3, negatives: 2, recencyHalfLifeDays: null, historyHalfLife: null, ...halfLives }
  for (const { users, items } of trainingBatches(data, sampler, options, createRandom(seed))) {
    for (const p of users.keys()) counts[items[p * 3]!]!++
  }
  return counts
}

describe('trainingBatches', () => {
  it('without a half-life, has every interaction once', () => {
    expect(positives({}, 1)).toEqual([2, 1, 1, 0])
  })

  it('with a half-life of a day, draws what is a day older half as often, in epochs as long as before', () => {
    const total = [0, 0, 0, 0]
    for (let seed = 0; seed < 3000; seed++) {
      const counts = positives({ recencyHalfLifeDays: 1 }, seed)
      expect(counts.reduce((sum, count) => sum + count)).toBe(4)
      for (const [item, count] of counts.entries()) total[item]! += count
    }
    // Weights ½ 1 ½ 1, so 4 positives are expected as 4/3 of them: two old ones at 2/3, two new ones at 4/3; 3000 times.
    expect(total[old]! / 3000).toBeCloseTo(4 / 3, 1)
    expect(total[fresh]! / 3000).toBeCloseTo(4 / 3, 1)
    expect(total[newer]! / 3000).toBeCloseTo(4 / 3, 1)
    expect(total[never]).toBe(0)
  })

  it('with a half-life of half a history, draws the first of two half as often as the second', () => {
    const total = [0, 0, 0, 0]
    for (let seed = 0; seed < 3000; seed++) {
      for (const [item, count] of positives({ historyHalfLife: 0.5 }, seed).entries()) total[item]! += count
    }
    // Each has two: the weight of `old` is 2^(−1 / (2·0.5)) = ½ both times, that of the other 1: 4·½/3 = 2/3 for each user.
    expect(total[old]! / 3000).toBeCloseTo(4 / 3, 1)
    expect(total[fresh]! / 3000).toBeCloseTo(4 / 3, 1)
    expect(total[newer]! / 3000).toBeCloseTo(4 / 3, 1)
  })
})

describe('NegativeSampler', () => {
  const drawn = (timeAware: boolean, user: number, at: number): number[] => {
    const sampler = new NegativeSampler(data, { timeAware })
    const random = createRandom(1)
    return [...new Set(Array.from({ length: 100 }, () => sampler.draw(user, at, random)))].sort()
  }

  it('draws anything the user has not touched', () => {
    expect(drawn(false, 0, 0)).toEqual([newer, never])
  })

  it('aware of time, draws only what someone had seen by then, or nobody ever', () => {
    expect(drawn(true, 0, 0)).toEqual([never]) // on day 0 there was only `old`, which ann has
    expect(drawn(true, 0, 1)).toEqual([newer, never]) // on day 1 bob met `newer`
  })
})
