import { describe, expect, it } from 'vitest'
import { fitPopularity } from '../../../training/classical/popularity.ts'
import type { Recommender } from '../../../training/classical/recommender.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import { judge, metricRows } from '../../../training/evaluation/judge-recommenders.ts'
import { checkerboard } from '../checkerboard.ts'

const data = groupByUser(checkerboard(40, 30), { minInteractions: 1, firstOnly: true })
const { trainAndValidation: fitted, test: heldOut } = splitLeaveLast(data)
/** Knows the answer: the held-out item first, then by number. */
const oracle: Recommender = {
  name: 'oracle',
  score(user, _history, scores) {
    for (let item = 0; item < scores.length; item++) scores[item] = -item
    scores[heldOut.items[heldOut.users.indexOf(user)]![0]!] = 1
  },
}

describe('judge', () => {
  it('gives who knows the answer full marks in every metric of accuracy', async () => {
    const { perUser } = await judge(oracle, fitted, heldOut)
    expect(Object.keys(perUser)).toEqual(['ndcg@10', 'hit-rate@10', 'recall@20', 'map@20', 'mrr@20', 'auc'])
    for (const values of Object.values(perUser)) expect(values.every((value) => value === 1)).toBe(true)
  })
})

describe('metricRows', () => {
  it('sets the model beside the baselines, NDCG@10 first, and adds what accuracy does not say', async () => {
    const popularity = await judge(fitPopularity(fitted, { halfLifeDays: Number.POSITIVE_INFINITY }), fitted, heldOut)
    const rows = metricRows(await judge(oracle, fitted, heldOut), [popularity], { fitted, heldOut }, 1)
    expect(rows.map(({ metric }) => metric)).toEqual([
      ...['ndcg@10', 'hit-rate@10', 'recall@20', 'map@20', 'mrr@20', 'auc'],
      ...['coverage@10', 'gini@10', 'novelty@10', 'diversity@10', 'serendipity@10', 'popularity-lift@10'],
    ])
    const row = (name: string) => rows.find(({ metric }) => metric === name)!
    expect(row('gini@10').higherIsBetter).toBe(false)
    // By definition popularity finds nothing that popularity does not.
    expect(row('serendipity@10').baselines.popularity!.value).toBe(0)
    expect(row('serendipity@10').model.value).toBeGreaterThan(0)
  })

  it('shows new users and new contents apart, where there are ten', async () => {
    // 20 users of 4 items each of their own world: all of them new, and each item had by one user
    const rows = Array.from({ length: 80 }, (_, i) => ({ user: `u${i % 20}`, item: `i${i}` }))
    const small = groupByUser(
      { userIds: rows.map(({ user }) => user), itemIds: rows.map(({ item }) => item), times: rows.map((_, i) => i) },
      { minInteractions: 1, firstOnly: true },
    )
    const split = splitLeaveLast(small)
    const judged = await judge(
      fitPopularity(split.trainAndValidation, { halfLifeDays: Number.POSITIVE_INFINITY }),
      split.trainAndValidation,
      split.test,
    )
    const judgement = { fitted: split.trainAndValidation, heldOut: split.test }
    const metrics = metricRows(judged, [], judgement, 1)
    const value = (name: string) => metrics.find(({ metric }) => metric === name)?.model.value
    expect(value('ndcg@10:new-users')).toBe(value('ndcg@10'))
    expect(value('recall@20:new-content')).toBe(value('recall@20'))
    // …and not, where every history is long and every item well known.
    const names = metricRows(await judge(oracle, fitted, heldOut), [], { fitted, heldOut }, 1).map(
      ({ metric }) => metric,
    )
    expect(names.filter((name) => name.includes(':'))).toEqual([])
  })

  it('leaves out a metric that says nothing here', async () => {
    // 3 users × 3 items: one item is left to list, and no list has a pair
    const tiny = groupByUser(
      { userIds: [...'aaabbbccc'], itemIds: [...'xyzyzxzxy'], times: Array.from({ length: 9 }, (_, i) => i) },
      { minInteractions: 1, firstOnly: true },
    )
    const split = splitLeaveLast(tiny)
    const popularity = fitPopularity(split.trainAndValidation, { halfLifeDays: Number.POSITIVE_INFINITY })
    const judged = await judge(popularity, split.trainAndValidation, split.test)
    const judgement = { fitted: split.trainAndValidation, heldOut: split.test }
    const rows = metricRows(judged, [], judgement, 1)
    expect(rows.map(({ metric }) => metric)).not.toContain('diversity@10')
    expect(rows.every(({ model }) => Number.isFinite(model.value))).toBe(true)
  })
})
