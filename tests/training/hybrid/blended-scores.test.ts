import { describe, expect, it } from 'vitest'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import type { CatalogueScores } from '../../../training/export/catalogue-scores.ts'
import { blendContext, blendExamples, fairBlend } from '../../../training/hybrid/blended-scores.ts'
import { fitBlend } from '../../../training/hybrid/fit-blend.ts'

// 400 items, of which each user has had the first two.
const items = Array.from({ length: 400 }, (_, i) => `i${i}`)
const users = Array.from({ length: 20 }, (_, u) => `u${u}`)
const events = [
  ...items.map((item) => ['all', item] as const),
  ...users.flatMap((u) => [[u, 'i0'] as const, [u, 'i1'] as const]),
]
const interactions = groupByUser(
  { userIds: events.map(([u]) => u), itemIds: events.map(([, i]) => i), times: events.map((_, i) => i) },
  { minInteractions: 1, firstOnly: true },
)
/** Scores items by their number: i399 is best. */
const byNumber: CatalogueScores = {
  historyLength: 10,
  score: (_, scores) => void scores.set(items.map((_, i) => i)),
  build: () => {
    throw new Error('not built here')
  },
}
const held = (itemsOf: (user: number) => number[]) => ({
  users: Int32Array.from(users, (_, u) => u + 1),
  items: users.map((_, u) => Int32Array.from(itemsOf(u))),
})
const context = blendContext(interactions)
const examplesOf = (itemsOf: (user: number) => number[]) =>
  blendExamples([byNumber], interactions, held(itemsOf), context, new AbortController().signal)

describe('blendExamples', () => {
  it('users count alike, however much of theirs is held out', async () => {
    const examples = await examplesOf((u) => (u === 0 ? [399, 398, 397, 396] : [399]))
    expect(examples.map(({ weight }) => weight).slice(0, 5)).toEqual([0.25, 0.25, 0.25, 0.25, 1])
  })

  it('items that no component has among its best: teach nothing, so that many of them cannot turn the order round', async () => {
    // Five of each user are far down, one is on top.
    const examples = await examplesOf(() => [10, 20, 30, 40, 50, 399])
    expect(examples).toHaveLength(20)
    const [score] = fitBlend(examples, fairBlend(1), 1)
    expect(score).toBeGreaterThan(1)
    const nothing = await examplesOf(() => [10, 20, 30])
    expect(fitBlend(nothing, fairBlend(1), 1)).toEqual(Float64Array.of(1, 0, 0, 0))
  })
})
