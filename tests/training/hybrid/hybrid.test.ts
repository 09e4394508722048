import { describe, expect, it } from 'vitest'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { historyOf } from '../../../training/datasets/interactions.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import type { FittedRecommender } from '../../../training/families/family.ts'
import { hybridFamily } from '../../../training/hybrid/hybrid.ts'
import { checkerboard } from '../checkerboard.ts'
import { fitEnvironment } from '../fit-environment.ts'

const board = groupByUser(checkerboard(20, 16), { minInteractions: 1, firstOnly: true })
const fitHybrid = (options: object, dataset: Parameters<typeof hybridFamily.fit>[0] = { interactions: board }) =>
  hybridFamily.fit(dataset, hybridFamily.config.parse(options), fitEnvironment)
const scoresOf = (model: FittedRecommender, user: number): Float32Array => {
  const scores = new Float32Array(board.items.length)
  model.score(user, historyOf(board, 3), scores)
  return scores
}
const components = ['next-item', 'ease']

describe('hybrid', () => {
  it('fitted again with what it chose on a validation part: the same components, options and blend', async () => {
    const { train, validation } = splitLeaveLast(board)
    const { chosen } = await fitHybrid({ components }, { interactions: train, validation })
    expect(chosen).toMatchObject({ components, options: { 'next-item': {}, ease: {} } })
    expect(chosen.blend).toHaveLength(6) // two of each component, two of the item
    const model = await fitHybrid({ ...chosen })
    expect(scoresOf(model, 3)).toEqual(scoresOf(await fitHybrid({ components, blend: chosen.blend }), 3))
  })

  it('knows everyone by the history, nobody by the index', async () => {
    const model = await fitHybrid({ components })
    expect(scoresOf(model, 3)).toEqual(scoresOf(model, 0))
    expect(scoresOf(model, 3)).toEqual(scoresOf(model, -1))
  })

  it('refuses a component that knows users by their index, one that is not served, itself, and a blend of another size', async () => {
    const refused = async (options: object, code: string, message: string): Promise<void> =>
      expect(fitHybrid(options)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    await refused({ components: ['next-item', 'bpr'] }, 'CONFIG_INVALID', 'bpr knows users by their index')
    await refused({ components: ['next-item', 'user-knn'] }, 'DATA_INSUFFICIENT', 'user-knn cannot be served')
    await refused({ components: ['next-item', 'hybrid'] }, 'CONFIG_INVALID', 'expected other families only')
    await refused({ components, options: { ease: { l2: -1 } } }, 'CONFIG_INVALID', 'ease: l2: ')
    await refused({ components, options: { ease: { depth: 1 } } }, 'CONFIG_INVALID', 'it has no option depth')
    await refused({ components: ['ease', 'ease'] }, 'CONFIG_INVALID', 'ease twice')
    await refused({ components, blend: [1, 2] }, 'CONFIG_INVALID', 'blend has 2 weights; expected 6')
  })
})
