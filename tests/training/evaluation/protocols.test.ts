import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { fitItemKnn } from '../../../training/classical/item-knn.ts'
import { fitNextItem } from '../../../training/classical/next-item.ts'
import { fitPopularity } from '../../../training/classical/popularity.ts'
import type { Recommender } from '../../../training/classical/recommender.ts'
import { historyOf, type Interactions } from '../../../training/datasets/interactions.ts'
import { openSuite, type Suite } from '../../../training/datasets/open-suite.ts'
import { rankAmongNegatives, rankUsers, sampleNegatives } from '../../../training/evaluation/rank-users.ts'
import { rankingMetrics } from '../../../training/evaluation/ranking-metrics.ts'

// The evaluator is right if it gives what other people's code (NumPy, implicit) gave for the same models under the same protocol.
// Item-kNN's k on ml-100k is not written beside those figures; 200 gives all four of P1 to the fourth digit.

const shared = join(import.meta.dirname, '../../../../shared/data')
const missing = (file: string): string => (existsSync(join(shared, file)) ? '' : ` (skipped: ${file} is not there)`)

const popularity = (part: Interactions) => fitPopularity(part, { halfLifeDays: Number.POSITIVE_INFINITY })
const itemKnn = (k: number) => (part: Interactions) => fitItemKnn(part, { k })
const nextItem = (window: number, popularityDamping: number, decay: number) => (part: Interactions) =>
  fitNextItem(part, { window, popularityDamping, decay, lastItems: 50 })

type Row = readonly [string, (part: Interactions) => Recommender, readonly [number, number, number, number]]

function meanOf(metric: string, lists: readonly Int32Array[], relevant: readonly Int32Array[], k: number): number {
  const values = lists.map((list, i) => rankingMetrics[metric]!(list, new Set(relevant[i]), k))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Asks each user's scores once, for both rankings. */
function remembering(model: Recommender): Recommender {
  const known = new Map<number, Float32Array>()
  return {
    name: model.name,
    score(user, history, scores) {
      const before = known.get(user)
      if (before !== undefined) return scores.set(before)
      model.score(user, history, scores)
      known.set(user, scores.slice())
    },
  }
}

/** HR@10, NDCG@10 over all items, and both among 99 negatives. */
async function figuresOfP1({ split, interactions }: Suite, learn: Row[1]): Promise<number[]> {
  const { trainAndValidation, test } = split
  const model = remembering(learn(trainAndValidation))
  const full = await rankUsers(model, trainAndValidation, test, 10)
  const sampled = await rankAmongNegatives(model, trainAndValidation, test, interactions)
  return [full, sampled].flatMap((lists) =>
    ['hit-rate', 'ndcg'].map((metric) => Number(meanOf(metric, lists, test.items, 10).toFixed(4))),
  )
}

describe.skipIf(missing('ml-100k'))(`P1 on ml-100k${missing('ml-100k')}`, () => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite('ml100k', shared)
  })

  it.each<Row>([
    ['popularity', popularity, [0.0859, 0.0449, 0.4115, 0.2268]],
    ['item-knn', itemKnn(200), [0.1209, 0.0642, 0.5992, 0.3424]],
    ['next-item', nextItem(20, 0.5, 0.85), [0.2036, 0.1094, 0.7031, 0.4437]],
  ])('%s reaches the reference, full and among 99', async (_, learn, expected) => {
    expect(await figuresOfP1(suite, learn)).toEqual(expected)
  })

  it('knows titles, years and genres of the items', () => {
    const { content, interactions } = suite
    const item = interactions.items.indexOf('1')
    expect([content.texts[item], content.categories.genre![item], content.numbers.year![item]]).toEqual([
      'Toy Story',
      "Animation|Children's|Comedy",
      1995,
    ])
  })
})

describe.skipIf(missing('ml-100k'))(`P2 on ml-100k${missing('ml-100k')}`, () => {
  // Item-kNN's reference, .1183 / .1991, is of an unknown k (ours runs from .1144 / .1761 with 20 to .1275 / .1948 with 100): not asked.
  it('judges the 90 users and 2,886 items of the reference, and gives popularity its figures', async () => {
    const { trainAndValidation, test } = (await openSuite('ml100k-time', shared)).split
    expect(trainAndValidation.itemIndices.length).toBe(90_000)
    expect(test.users.length).toBe(90)
    expect(test.items.reduce((sum, items) => sum + items.length, 0)).toBe(2886)
    const lists = await rankUsers(popularity(trainAndValidation), trainAndValidation, test, 20)
    expect(meanOf('recall', lists, test.items, 20)).toBeCloseTo(0.1305, 4)
    expect(meanOf('ndcg', lists, test.items, 20)).toBeCloseTo(0.1618, 4)
  })
})

describe.skipIf(missing('ml1m_sequences'))(`P1 on ml1m_sequences${missing('ml1m_sequences')}`, () => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite('ml1m', shared)
  })

  it.each<Row>([
    ['popularity', popularity, [0.0379, 0.0184, 0.443, 0.2446]],
    ['item-knn', itemKnn(20), [0.0816, 0.0401, 0.6414, 0.3741]],
    ['next-item', nextItem(5, 0.3, 0.7), [0.2395, 0.1364, 0.7494, 0.5389]],
  ])('%s reaches the reference, full and among 99', async (_, learn, expected) => {
    expect(await figuresOfP1(suite, learn)).toEqual(expected)
  })

  it('draws the negatives of the reference: their indices sum to 1,012,423,823', () => {
    const { users, items } = suite.interactions
    let sum = 0
    for (let user = 0; user < users.length; user++) {
      for (const item of sampleNegatives(user, historyOf(suite.interactions, user), items.length)) sum += item
    }
    expect(sum).toBe(1_012_423_823)
  })
})
