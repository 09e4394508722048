import { describe, expect, it } from 'vitest'
import { userKnnFamily } from '../../../training/classical/user-knn.ts'
import { unknownUser } from '../../../training/families/family.ts'
import { fitFamilyOn, interactionsOf, scoresByItem } from '../fit-family-on.ts'

describe('user-kNN', () => {
  // cos(u, v) = 2/√(2·3), cos(u, w) = 1/√(2·2), cos(v, w) = 1/√(3·2)
  const data = interactionsOf({ u: 'ab', v: 'abc', w: 'bd' })

  it('a known user: the items of the others, by cosine, and not their own', async () => {
    const { a, b, c, d } = scoresByItem(await fitFamilyOn(userKnnFamily, data, {}), data, 0, 'ab')
    expect(a).toBeCloseTo(2 / Math.sqrt(6), 6)
    expect(b).toBeCloseTo(2 / Math.sqrt(6) + 1 / 2, 6)
    expect(c).toBeCloseTo(2 / Math.sqrt(6), 6)
    expect(d).toBeCloseTo(1 / 2, 6)
  })

  it('k 1: the nearest alone', async () => {
    const { c, d } = scoresByItem(await fitFamilyOn(userKnnFamily, data, { k: 1 }), data, 0, 'ab')
    expect(c).toBeCloseTo(2 / Math.sqrt(6), 6)
    expect(d).toBe(0)
  })

  it('a new visitor: everyone may be a neighbour, the one of the same history first', async () => {
    // cos with u is 1, with v 2/√6
    const { a, c } = scoresByItem(await fitFamilyOn(userKnnFamily, data, { k: 2 }), data, unknownUser, 'ab')
    expect(a).toBeCloseTo(1 + 2 / Math.sqrt(6), 6)
    expect(c).toBeCloseTo(2 / Math.sqrt(6), 6)
  })

  it('who dislikes what the user likes is no neighbour', async () => {
    // cos(u, v) = −1/√(1·2): its c is not recommended
    const disliked = interactionsOf({ u: 'a', v: 'ac', w: 'ad' }, [1, -1, 1, 1, 1])
    const { c, d } = scoresByItem(await fitFamilyOn(userKnnFamily, disliked, {}), disliked, 0, 'a')
    expect(c).toBe(0)
    expect(d).toBeCloseTo(1 / Math.sqrt(2), 6)
  })

  it('nothing in the history: how many had each item', async () => {
    expect(scoresByItem(await fitFamilyOn(userKnnFamily, data, {}), data, unknownUser, '')).toEqual({
      a: 2,
      b: 3,
      c: 1,
      d: 1,
    })
  })

  it('similar items: those of the same users, by cosine', async () => {
    // a: u v; b: u v w; c: v: cos(a, b) = 2/√6, cos(a, c) = 1/√2
    const { items, scores } = (await fitFamilyOn(userKnnFamily, data, {})).similar(0, 5)
    expect([...items]).toEqual([1, 2])
    expect(scores[0]).toBeCloseTo(2 / Math.sqrt(6), 6)
    expect(scores[1]).toBeCloseTo(1 / Math.sqrt(2), 6)
  })
})
