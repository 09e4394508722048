import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { bprFamily } from '../../../training/classical/bpr.ts'
import { createTripleSampler } from '../../../training/classical/bpr-triples.ts'
import { userItemMatrix } from '../../../training/classical/user-item-matrix.ts'
import { unknownUser } from '../../../training/families/family.ts'
import { fitEnvironment } from '../fit-environment.ts'
import { fitFamilyOn, interactionsOf, scoresByItem } from '../fit-family-on.ts'

function draw(
  data: ReturnType<typeof interactionsOf>,
  count: number,
): { user: number; liked: string; other: string }[] {
  const sampler = createTripleSampler(userItemMatrix(data), data.items.length, createRandom(1))
  const triples = new Int32Array(3 * count)
  const drawn = sampler.draw(triples, count)
  return Array.from({ length: drawn }, (_, i) => ({
    user: triples[3 * i]!,
    liked: data.items[triples[3 * i + 1]!]!,
    other: data.items[triples[3 * i + 2]!]!,
  }))
}

describe('triples for BPR', () => {
  it('the first is liked, the other never', () => {
    const data = interactionsOf({ u: 'ca', v: 'bd' })
    for (const { user, liked, other } of draw(data, 200)) {
      expect(user === 0 ? 'ac' : 'bd').toContain(liked)
      expect(user === 0 ? 'bd' : 'ac').toContain(other)
    }
  })

  it('a disliked item is the other one about every second time, and more by the uniform draw', () => {
    // of u’s other items, b (disliked), c and d: b comes with ½ + ½·⅓ = ⅔
    const data = interactionsOf({ u: 'ab', v: 'acd' }, [1, -1, 1, 1, 1])
    const ofU = draw(data, 4000).filter(({ user }) => user === 0)
    const share = ofU.filter(({ other }) => other === 'b').length / ofU.length
    expect(share).toBeGreaterThan(0.62)
    expect(share).toBeLessThan(0.71)
  })

  it('a user who likes everything: no triple', () => {
    expect(draw(interactionsOf({ u: 'ab' }), 50)).toEqual([])
  })
})

describe('BPR', () => {
  const data = interactionsOf({ u: 'ab', v: 'ab', w: 'cd', x: 'cda' })
  const options = { embeddingSize: 8, epochs: 300 }

  it('ranks what a user had before what they had not', async () => {
    const { a, b, c, d } = scoresByItem(await fitFamilyOn(bprFamily, data, options), data, 0, 'ab')
    expect(Math.min(a!, b!)).toBeGreaterThan(Math.max(c!, d!))
  })

  it('nobody: what more users had comes first, the same for any history', async () => {
    const model = await fitFamilyOn(bprFamily, data, options)
    const scores = scoresByItem(model, data, unknownUser, 'cd')
    expect(scores).toEqual(scoresByItem(model, data, unknownUser, ''))
    expect(scores.a).toBeGreaterThan(scores.b!)
  })

  it('a disliked item: below what the user never met', async () => {
    const weights = [1, 1, -1, ...Array<number>(12).fill(1)]
    const disliked = interactionsOf({ u: 'abc', v: 'abcd', w: 'abcd', x: 'abcd' }, weights)
    const { c, d } = scoresByItem(await fitFamilyOn(bprFamily, disliked, options), disliked, 0, 'ab')
    expect(c).toBeLessThan(d!)
  })

  it('steps so large that factors are no numbers: stops, and says in which epoch and at what rate', async () => {
    const options = { ...bprFamily.config.parse({}), learningRate: 1e30 }
    const interactions = interactionsOf({ ann: 'abcd', bob: 'abef', cid: 'cdef' })
    await expect(bprFamily.fit({ interactions }, options, fitEnvironment)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/no longer numbers in epoch \d+, at steps of .*Lower learningRate/),
    })
  })
})
