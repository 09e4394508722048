import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { historyOf, type Interactions } from '../../../training/datasets/interactions.ts'
import type { FittedRecommender, ItemContent } from '../../../training/families/family.ts'
import { twoTowerFamily } from '../../../training/networks/two-tower.ts'
import { fitEnvironment } from '../fit-environment.ts'

const small = {
  embeddingSize: 16,
  hiddenSize: 32,
  windowLength: 16,
  batchWindows: 8,
  learningRate: 0.01,
  averaging: 0.9,
  epochs: 10,
}

const learn = (interactions: Interactions, content?: ItemContent, settings: object = {}): Promise<FittedRecommender> =>
  twoTowerFamily.fit(
    { interactions, ...(content && { content }) },
    twoTowerFamily.config.parse({ ...small, ...settings }),
    fitEnvironment,
  )

/** A world of four subjects with fifteen items each, of which nobody has had the last three; everyone likes one subject. */
const subjects = ['music', 'sport', 'cooking', 'travel']
const perSubject = 15
const newPerSubject = 3
function tasteWorld(): { interactions: Interactions; content: ItemContent; subjectOf: (item: number) => number } {
  const random = createRandom(4)
  const rows = Array.from({ length: 120 }, (_, user) =>
    Array.from({ length: 12 }, () => {
      const subject = random.uniform() < 0.85 ? user % 4 : random.int(4)
      return [`u${user}`, `${subject}-${random.int(perSubject - newPerSubject)}`] as const
    }),
  ).flat()
  const known = groupByUser(
    { userIds: rows.map(([user]) => user), itemIds: rows.map(([, item]) => item), times: rows.map((_, i) => i) },
    { minInteractions: 1, firstOnly: true },
  )
  const fresh = subjects.flatMap((_, subject) =>
    Array.from({ length: newPerSubject }, (_item, i) => `${subject}-${perSubject - 1 - i}`),
  )
  const items = [...known.items, ...fresh]
  const subjectOf = (item: number): number => Number(items[item]!.split('-')[0])
  const content = {
    texts: items.map((id, item) => `a ${subjects[subjectOf(item)]} clip number ${id.split('-')[1]}`),
    categories: { subject: items.map((_, item) => subjects[subjectOf(item)]!) },
    numbers: {},
  }
  return { interactions: { ...known, items }, content, subjectOf }
}

describe('twoTowerFamily', () => {
  it('items that nobody has had: those of the subject that a person likes come before the other new ones', async () => {
    const { interactions, content, subjectOf } = tasteWorld()
    const newItems = interactions.items.map((_, item) => item).slice(-subjects.length * newPerSubject)
    const model = await learn(interactions, content, { idDropout: 0.3, epochs: 25 })
    const scores = new Float32Array(interactions.items.length)
    let found = 0
    for (const user of interactions.users.keys()) {
      model.score(user, historyOf(interactions, user), scores)
      const best = newItems.toSorted((a, b) => scores[b]! - scores[a]!).slice(0, newPerSubject)
      const likes = Number(interactions.users[user]!.slice(1)) % 4
      found += best.filter((item) => subjectOf(item) === likes).length / newPerSubject
    }
    model.close()
    // By chance recall@3 of three among twelve is 3/12.
    expect(found / interactions.users.length).toBeGreaterThan(0.8)
  })

  it('items that nobody has had, of which nothing is known: the worst score of the others', async () => {
    const { interactions } = tasteWorld()
    const model = await learn(interactions, undefined, { epochs: 1 })
    const scores = new Float32Array(interactions.items.length)
    model.score(0, historyOf(interactions, 0), scores)
    expect(scores.at(-1)).toBe(Math.min(...scores.slice(0, -subjects.length * newPerSubject)))
    model.close()
  })

  it('against a sample of a larger catalogue: learns who likes what too', async () => {
    const { interactions, content, subjectOf } = tasteWorld()
    const sampled = { fullSoftmaxItems: 0, inBatchNegatives: 16, sampledNegatives: 16, epochs: 20 }
    const model = await learn(interactions, content, sampled)
    const scores = new Float32Array(interactions.items.length)
    let found = 0
    for (const user of interactions.users.keys()) {
      model.score(user, historyOf(interactions, user), scores)
      if (subjectOf(scores.indexOf(Math.max(...scores))) === Number(interactions.users[user]!.slice(1)) % 4) found++
    }
    model.close()
    // One in four by chance.
    expect(found / interactions.users.length).toBeGreaterThan(0.8)
  })

  it('a disliked item is no target and not in the history that is learned from', async () => {
    const { interactions } = tasteWorld()
    const weights = Float32Array.from(interactions.itemIndices, (item) => (item === 0 ? -1 : 1))
    const model = await learn({ ...interactions, weights }, undefined, { epochs: 1 })
    // Without content an item that was never learned has no vector.
    expect(model.similar(0, 3).items).toHaveLength(0)
    expect(model.similar(1, 3).items.length).toBeGreaterThan(0)
    model.close()
  })
})
