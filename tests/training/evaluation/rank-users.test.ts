import { describe, expect, it } from 'vitest'
import type { Recommender } from '../../../training/classical/recommender.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { historyOf } from '../../../training/datasets/interactions.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import { rankAmongNegatives, rankUsers } from '../../../training/evaluation/rank-users.ts'
import type { Scorable } from '../../../training/evaluation/score-users.ts'
import { unknownUser } from '../../../training/families/family.ts'
import { checkerboard } from '../checkerboard.ts'

const data = groupByUser(checkerboard(6, 8), { minInteractions: 1, firstOnly: true })
const split = splitLeaveLast(data)
const constant: Recommender = { name: 'constant', score: (_user, _history, scores) => void scores.fill(1) }
/** Likes items near the user's number; a different order for each user. */
const near: Recommender = {
  name: 'near',
  score: (user, _history, scores) => {
    for (let item = 0; item < scores.length; item++) scores[item] = -Math.abs(item - user)
  },
}
const inBlocks: Scorable = {
  ...near,
  scoreMany: async (users, histories, scores) => {
    const items = scores.length / users.length
    for (const [row, user] of users.entries()) {
      near.score(user, histories[row]!, scores.subarray(row * items, (row + 1) * items))
    }
  },
}

describe('rankUsers', () => {
  it('leaves the history out and puts the lower index first among equals', async () => {
    for (const [i, list] of (await rankUsers(constant, split.train, split.validation, 3)).entries()) {
      const history = new Set(historyOf(split.train, split.validation.users[i]!))
      const rest = data.items.map((_, item) => item).filter((item) => !history.has(item))
      expect([...list]).toEqual(rest.slice(0, 3))
    }
  })

  it('refuses a score that is not a number, naming recommender, user and item', async () => {
    const broken: Recommender = { name: 'broken', score: (_user, _history, scores) => void scores.fill(Number.NaN) }
    const firstNew = data.items.findIndex((_, item) => !historyOf(split.train, 0).includes(item))
    await expect(rankUsers(broken, split.train, split.test, 3)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: `broken, user 0: Item ${firstNew} is scored NaN; expected a number.`,
    })
  })

  it('gives the same lists in blocks as one by one', async () => {
    const one = await rankUsers(near, split.train, split.test, 4)
    expect(await rankUsers(inBlocks, split.train, split.test, 4)).toEqual(one)
    expect(new Set(one.map(String)).size).toBeGreaterThan(1)
  })

  it('asks for a block of 256 users at most, and for what is left at the end', async () => {
    const many = groupByUser(checkerboard(600, 8), { minInteractions: 1, firstOnly: true })
    const { trainAndValidation, test } = splitLeaveLast(many)
    const sizes: number[] = []
    const counting: Scorable = {
      ...near,
      scoreMany: async (users, _histories, scores) => {
        sizes.push(users.length)
        expect(scores.length).toBe(users.length * many.items.length)
        scores.fill(0)
      },
    }
    expect(await rankUsers(counting, trainAndValidation, test, 1)).toHaveLength(600)
    expect(sizes).toEqual([256, 256, 88])
  })

  it('takes histories of the held-out part, and the user as unknown', async () => {
    const asked: [number, number[]][] = []
    const recording: Recommender = {
      name: 'recording',
      score: (user, history, scores) => {
        asked.push([user, [...history]])
        scores.fill(0)
      },
    }
    const heldOut = { users: Int32Array.of(4), items: [Int32Array.of(2)], histories: [Int32Array.of(0, 1)] }
    const [list] = await rankUsers(recording, split.train, heldOut, 2)
    expect(asked).toEqual([[unknownUser, [0, 1]]])
    expect([...list!]).toEqual([2, 3])
  })

  it('stops at a signal', async () => {
    const controller = new AbortController()
    let asked = 0
    const slow: Recommender = {
      name: 'slow',
      score: (_user, _history, scores) => {
        if (++asked === 2) controller.abort()
        scores.fill(0)
      },
    }
    await expect(rankUsers(slow, split.train, split.test, 1, controller.signal)).rejects.toThrow('aborted')
    expect(asked).toBe(2)
  })

  it('gives the event loop its turns while it works', async () => {
    const busy: Recommender = {
      name: 'busy',
      score: (_user, _history, scores) => {
        const until = performance.now() + 25
        while (performance.now() < until);
        scores.fill(0)
      },
    }
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await rankUsers(busy, split.train, split.test, 1)
    clearInterval(timer)
    expect(turns).toBeGreaterThanOrEqual(split.test.users.length - 1)
  })
})

describe('rankAmongNegatives', () => {
  it('ranks the held-out item among items the user never touched', async () => {
    const lists = await rankAmongNegatives(constant, split.trainAndValidation, split.test, data)
    for (const [i, list] of lists.entries()) {
      const sequence = new Set(historyOf(data, split.test.users[i]!))
      expect([...list].filter((item) => sequence.has(item))).toEqual([split.test.items[i]![0]])
    }
  })
})
