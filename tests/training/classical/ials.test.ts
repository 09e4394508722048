import { describe, expect, it } from 'vitest'
import { ialsFamily } from '../../../training/classical/ials.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { historyOf } from '../../../training/datasets/interactions.ts'
import { unknownUser } from '../../../training/families/family.ts'
import { checkerboard } from '../checkerboard.ts'
import { fitFamilyOn, interactionsOf, scoresByItem } from '../fit-family-on.ts'

const small = { embeddingSize: 16, epochs: 30 }

describe('iALS', () => {
  it('one user and one item: the score of the closed form', async () => {
    // min (1 − t)² + α₀·t² + 2·λ(1 + α₀)·t with t = x·y and ‖x‖² = ‖y‖² = t: t = (1 − λ(1 + α₀)) / (1 + α₀) = 0.9/2 for α₀ = 1, λ = 0.05
    const data = interactionsOf({ u: 'a' })
    const model = await fitFamilyOn(ialsFamily, data, { ...small, unobservedWeight: 1, l2: 0.05 })
    expect(scoresByItem(model, data, 0, 'a').a).toBeCloseTo(0.45, 3)
  })

  it('frequency scaling 0: the same λ for rows of any length', async () => {
    // λ·(1 + α₀)⁰ = λ: t = (1 − 0.05) / 2
    const data = interactionsOf({ u: 'a' })
    const options = { ...small, unobservedWeight: 1, l2: 0.05, frequencyScaling: 0 }
    expect(scoresByItem(await fitFamilyOn(ialsFamily, data, options), data, 0, 'a').a).toBeCloseTo(0.475, 3)
  })

  it('an item of weight 0: as if it had not been', async () => {
    const histories = { u: 'ab', v: 'abc', w: 'cb' }
    const zero = interactionsOf({ ...histories, u: 'abc' }, [1, 1, 0, 1, 1, 1, 1, 1])
    const without = interactionsOf(histories)
    const [one, two] = [await fitFamilyOn(ialsFamily, zero, small), await fitFamilyOn(ialsFamily, without, small)]
    expect(scoresByItem(one, zero, 0, 'ab')).toEqual(scoresByItem(two, without, 0, 'ab'))
  })

  it('a disliked item: scores below what the user never met', async () => {
    const histories = { u: 'abc', v: 'abcd', w: 'abcd', x: 'abcd' }
    const data = interactionsOf(histories, [1, 1, -5, ...Array<number>(12).fill(1)])
    const { c, d } = scoresByItem(await fitFamilyOn(ialsFamily, data, small), data, 0, 'ab')
    expect(c).toBeLessThan(d!)
  })

  it('a new visitor with a known user’s history: gets that user’s scores', async () => {
    const data = groupByUser(checkerboard(50, 40), { minInteractions: 1, firstOnly: true })
    const model = await fitFamilyOn(ialsFamily, data, { embeddingSize: 16 })
    const [known, folded] = [new Float32Array(40), new Float32Array(40)]
    model.score(3, historyOf(data, 3), known)
    model.score(unknownUser, historyOf(data, 3), folded)
    for (const [item, score] of known.entries()) expect(folded[item]).toBeCloseTo(score, 2)
  })

  it('nothing in the history: orders items as the average user does', async () => {
    const data = interactionsOf({ u: 'ab', v: 'ab', w: 'a' })
    const { a, b } = scoresByItem(await fitFamilyOn(ialsFamily, data, small), data, unknownUser, '')
    expect(a).toBeGreaterThan(b!)
  })

  it('stopped in the middle: ends with the signal’s reason', async () => {
    const controller = new AbortController()
    const progress = { update: () => controller.abort(new Error('enough')), done: () => undefined }
    const fit = fitFamilyOn(ialsFamily, interactionsOf({ u: 'ab' }), small, { signal: controller.signal, progress })
    await expect(fit).rejects.toThrow('enough')
  })
})
