import { describe, expect, it } from 'vitest'
import { measure, refuseSeveral } from '../../../training/benchmark/measure.ts'
import { parseMetric } from '../../../training/benchmark/metric-name.ts'
import type { Recommender } from '../../../training/classical/recommender.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'

// Ten items, two users: a had 0 and 1, b had 1; 99 negatives of ten items are all that are left.
const whole = groupByUser(
  {
    userIds: ['a', 'a', 'b', ...Array(10).fill('c')],
    itemIds: ['0', '1', '1', ...Array.from({ length: 10 }, (_, item) => String(item))],
    times: Array.from({ length: 13 }, (_, time) => time),
  },
  { minInteractions: 1, firstOnly: true },
)
const item = (id: string): number => whole.items.indexOf(id)
/** Likes '9' most, '0' least; counts how often it is asked. */
function descending(): Recommender & { asked: number } {
  const recommender = {
    name: 'descending',
    asked: 0,
    score: (_user: number, _history: Int32Array, scores: Float32Array) => {
      recommender.asked++
      for (let id = 0; id < 10; id++) scores[item(String(id))] = id
    },
  }
  return recommender
}
const environment = { seed: 1, signal: new AbortController().signal }
const oneEach = { users: Int32Array.of(0, 1), items: [Int32Array.of(item('7')), Int32Array.of(item('9'))] }

describe('measure', () => {
  it('scores each user once for full ranking, ranking among negatives and AUC', async () => {
    const recommender = descending()
    const metrics = ['hr@2', 'mrr@5', 'hr@3:99', 'auc'].map(parseMetric)
    const found = await measure(recommender, { whole, test: oneEach }, metrics, environment)
    expect(recommender.asked).toBe(2)
    // a: 7 is behind 9 and 8, third; b: 9 is first
    expect(found['hr@2']!.value).toBe(0.5)
    expect(found['mrr@5']!.value).toBeCloseTo((1 / 3 + 1) / 2)
    expect(found['hr@3:99']!.value).toBe(1)
    // a: of the seven others 2…9 without 7, five are behind it; b: all
    expect(found.auc!.value).toBeCloseTo((5 / 7 + 1) / 2)
  })
})

describe('refuseSeveral', () => {
  it('two held-out items of one user: refuses a metric among negatives, and no other', () => {
    const test = { users: Int32Array.of(1), items: [Int32Array.of(item('7'), item('9'))] }
    expect(() => refuseSeveral([parseMetric('hr@3:99')], test)).toThrow(
      'Metrics with :99 rank one held-out item among 99 others; user 1 has 2. Leave :99 out of --metrics.',
    )
    expect(() => refuseSeveral([parseMetric('hr@3'), parseMetric('auc')], test)).not.toThrow()
  })
})

describe('parseMetric', () => {
  it.each(['auc@10', 'ndcg', 'ndcg@0', 'nope@3', 'hr@10:98'])('refuses %s and says what there is', (text) => {
    expect(() => parseMetric(text)).toThrow(/--metrics holds .*expected auc, ndcg@k, recall@k/)
  })
})
