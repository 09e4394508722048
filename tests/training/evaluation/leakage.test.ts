import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { historyOf, type Interactions } from '../../../training/datasets/interactions.ts'
import { splitByTime, splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import { loadFamily } from '../../../training/families/all-families.ts'
import { fitFamily } from '../../../training/families/fit-family.ts'
import { checkerboard } from '../checkerboard.ts'

// What comes after the cut must not show in any score: the same data with other held-out items gives the same model.

// 30 users of 12 items each, at the times 0 … 11: the last of each is the newest twelfth.
const board = groupByUser(checkerboard(30, 24), { minInteractions: 1, firstOnly: true })
const data = { ...board, times: board.times.map((_, i) => i % 12) }

/** The last interaction of each user is another item, and the users' last items change places. */
function withOtherEnds(interactions: Interactions): Interactions {
  const itemIndices = interactions.itemIndices.slice()
  for (let user = 0; user < interactions.users.length; user++) {
    const history = historyOf(interactions, user)
    const had = new Set(history)
    const others = interactions.items.flatMap((_, item) => (had.has(item) ? [] : [item]))
    itemIndices[interactions.offsets[user + 1]! - 1] = others[user % others.length]!
  }
  return { ...interactions, itemIndices }
}

async function scoresOf(name: string, interactions: Interactions): Promise<Float32Array> {
  const family = await loadFamily(name)
  const content = { texts: interactions.items.map((id) => id.replace('-', ' ')), categories: {}, numbers: {} }
  const model = await fitFamily(family, { interactions, content }, family.config.parse({}), {
    seed: 1,
    signal: new AbortController().signal,
    log: silentLogger,
    progress: silentProgress,
    label: 'leakage',
    backend: 'wasm',
  })
  const scores = new Float32Array(interactions.items.length)
  model.score(3, historyOf(interactions, 3), scores)
  model.close()
  return scores
}

describe.each([
  ['leave-last', splitLeaveLast],
  ['time', (all: Interactions) => splitByTime(all, { validationShare: 0.08, testShare: 0.08 })],
] as const)('%s split', (_, splitBy) => {
  it.each(['popularity', 'item-knn', 'content', 'next-item', 'ease'])(
    '%s: no score tells what is held out',
    async (name) => {
      const [one, other] = [splitBy(data), splitBy(withOtherEnds(data))]
      expect(other.test.items).not.toEqual(one.test.items)
      expect(await scoresOf(name, other.trainAndValidation)).toEqual(await scoresOf(name, one.trainAndValidation))
    },
  )
})
