import { describe, expect, it } from 'vitest'
import type { Interactions } from '../../../training/datasets/interactions.ts'
import type { FittedRecommender } from '../../../training/families/family.ts'
import { sequentialFamily } from '../../../training/networks/sequential.ts'
import { fitEnvironment } from '../fit-environment.ts'

/** Ten people walk round the items 0 … 5, each from another start; whoever is at 2 shows dislike of item 6 before going on to 3. */
function circle(weightOfSix: number): Interactions {
  const lists = Array.from({ length: 10 }, (_, user) =>
    Array.from({ length: 12 }, (_, i) => (user + i) % 6).flatMap((item) => (item === 2 ? [2, 6] : [item])),
  )
  const itemIndices = Int32Array.from(lists.flat())
  const offsets = Int32Array.from([0, ...lists.map((_, user) => lists.slice(0, user + 1).flat().length)])
  return {
    users: lists.map((_, user) => `u${user}`),
    items: ['0', '1', '2', '3', '4', '5', '6'],
    offsets,
    itemIndices,
    times: Float64Array.from(itemIndices, (_, i) => i),
    weights: Float32Array.from(itemIndices, (item) => (item === 6 ? weightOfSix : 1)),
  }
}

const small = { embeddingSize: 8, blocks: 1, heads: 1, batchWindows: 4, learningRate: 0.02, dropout: 0, epochs: 30 }
const learn = (interactions: Interactions, settings: object = {}): Promise<FittedRecommender> =>
  sequentialFamily.fit({ interactions }, sequentialFamily.config.parse({ ...small, ...settings }), fitEnvironment)

async function bestAfter(interactions: Interactions, ...history: number[]): Promise<number> {
  const model = await learn(interactions)
  const scores = new Float32Array(7)
  model.score(0, Int32Array.from(history), scores)
  model.close()
  return scores.indexOf(Math.max(...scores))
}

describe('sequentialFamily', () => {
  it('what a person likes next comes first; what they dislike is passed over', async () => {
    expect(await bestAfter(circle(1), 0, 1, 2)).toBe(6)
    expect(await bestAfter(circle(-1), 0, 1, 2)).toBe(3)
  })

  it('heads that do not divide the width: says which multiple is expected', async () => {
    await expect(learn(circle(1), { embeddingSize: 12, heads: 4 })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('embeddingSize is 12 with 4 heads; expected a multiple of 8'),
    })
  })
})
