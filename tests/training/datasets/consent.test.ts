import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActiveUsers } from '../../../training/datasets/active-users.ts'
import { historyOf } from '../../../training/datasets/interactions.ts'
import { readInteractions } from '../../../training/datasets/read-interactions.ts'
import { createFeatureWorld, type FeatureWorld } from '../../support/feature-world.ts'

const like = (id: string, user: string, content: string) => [
  id,
  user,
  content,
  'youtube',
  'like',
  new Date('2026-03-05T10:00:00Z'),
  null,
  null,
  null,
]

/** One who agreed, one who did not, one who is gone, and one without an account; each liked a content of their own. */
const people = {
  dim_user: [
    ['agreed', null, null, null, null, null, true, null],
    ['refused', null, null, null, null, null, false, null],
    ['gone', null, null, null, null, null, true, new Date('2026-03-06T00:00:00Z')],
  ],
  fct_interactions: [
    like('e1', 'agreed', 'content-1'),
    like('e2', 'refused', 'content-2'),
    like('e3', 'gone', 'content-3'),
    like('e4', 'no-account', 'content-4'),
  ],
}
const all = { minInteractions: 1, firstOnly: true }

describe('what training reads of people', () => {
  let world: FeatureWorld
  beforeAll(async () => {
    world = await createFeatureWorld(people)
  })
  afterAll(() => world.remove())

  it('readInteractions: nothing of who refused or is gone, neither they nor what only they liked', async () => {
    const read = await world.source((source) => readInteractions(source, all))
    expect([...read.users].sort()).toEqual(['agreed', 'no-account'])
    expect([...read.items].sort()).toEqual(['content-1', 'content-4'])
  })

  it('readInteractions with a least rating: the same people', async () => {
    const read = await world.source((source) => readInteractions(source, { ...all, minRating: 4 }))
    expect([...read.users].sort()).toEqual(['agreed', 'no-account'])
  })

  it('readActiveUsers: only people of whom features are kept', async () => {
    const sample = { minUsers: 1, maxUsers: 10 }
    const { userIds } = await world.source((source) => readActiveUsers(source, sample, 1))
    expect(userIds).toEqual(['agreed'])
  })

  it('readInteractions: one who changes their mind is back with all they did', async () => {
    const own = await createFeatureWorld(people)
    try {
      await own.run(`update dim_user set consent_personalization = true where user_id = 'refused'`)
      const read = await own.source((source) => readInteractions(source, all))
      const back = historyOf(read, read.users.indexOf('refused'))
      expect([...back].map((item) => read.items[item])).toEqual(['content-2'])
    } finally {
      await own.remove()
    }
  })

  it('readInteractions: when nobody agreed, says so instead of training on nothing', async () => {
    const own = await createFeatureWorld({ ...people, fct_interactions: [like('e2', 'refused', 'content-2')] })
    try {
      await expect(own.source((source) => readInteractions(source, all))).rejects.toMatchObject({
        code: 'DATA_INSUFFICIENT',
        message: expect.stringContaining('consent_personalization'),
      })
    } finally {
      await own.remove()
    }
  })
})
