import { describe, expect, it } from 'vitest'
import { fitItemKnn } from '../../../training/classical/item-knn.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { historyOf } from '../../../training/datasets/interactions.ts'
import { assertNoLeak } from '../../../training/datasets/interactions-split.ts'
import { splitByUserGroup } from '../../../training/datasets/user-group-split.ts'
import { rankUsers } from '../../../training/evaluation/rank-users.ts'
import { checkerboard } from '../checkerboard.ts'

const data = groupByUser(checkerboard(40, 20), { minInteractions: 1, firstOnly: true })
const options = { validationShare: 0.1, testShare: 0.2, shown: 0.8, seed: 1 }
const split = splitByUserGroup(data, options)

describe('splitByUserGroup', () => {
  it('holds users out wholly, and shows the first part of their history', () => {
    // 40 users of 10 items each: 8 are the test, 4 the validation; 8 of 10 items are shown
    expect([split.test.users.length, split.validation.users.length]).toEqual([8, 4])
    for (const [i, user] of split.test.users.entries()) {
      expect(historyOf(split.trainAndValidation, user)).toHaveLength(0)
      expect([...split.test.histories![i]!, ...split.test.items[i]!]).toEqual([...historyOf(data, user)])
      expect(split.test.items[i]).toHaveLength(2)
    }
    expect(split.train.itemIndices).toHaveLength(28 * 10)
    expect(split.trainAndValidation.itemIndices).toHaveLength(32 * 10)
  })

  it('leaks nothing, and is caught when it does', () => {
    expect(() => assertNoLeak(split.train, split.validation, data)).not.toThrow()
    expect(() => assertNoLeak(split.trainAndValidation, split.test, data)).not.toThrow()
    expect(() => assertNoLeak(data, split.test, data)).toThrow(/Leak: user user-\d+ is held out/)
  })

  it('asks for personal lists of people nobody learned from', async () => {
    // Of a held-out user's colour 20 / 2 = 10 items exist, 8 are shown: the other two come first.
    const lists = await rankUsers(
      fitItemKnn(split.trainAndValidation, { k: 20 }),
      split.trainAndValidation,
      split.test,
      2,
    )
    for (const [i, list] of lists.entries()) expect([...list].sort()).toEqual([...split.test.items[i]!].sort())
  })

  it('draws the same users for the same seed', () => {
    expect(splitByUserGroup(data, options).test.users).toEqual(split.test.users)
    expect(splitByUserGroup(data, { ...options, seed: 2 }).test.users).not.toEqual(split.test.users)
  })

  it('never holds out a user of one event, and says when there are too few others', () => {
    const single = groupByUser(
      { userIds: ['a', 'b', 'c'], itemIds: ['x', 'y', 'z'], times: [0, 1, 2] },
      { minInteractions: 1, firstOnly: true },
    )
    expect(() => splitByUserGroup(single, options)).toThrow('0 of 3 users have two interactions or more')
  })
})
