import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { fitItemKnn, itemKnnFamily } from '../../../training/classical/item-knn.ts'
import { fitFamilyOn, interactionsOf, scoresByItem } from '../fit-family-on.ts'

const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

describe('item-kNN', () => {
  // a: u v w; b: u v; c: w
  const data = interactionsOf({ u: 'ab', v: 'ab', w: 'ac' })

  it('shrinkage: pairs of few users count less', () => {
    // a, b: 2 / (√6 + 1); a, c: 1 / (√3 + 1)
    const { b, c } = scoresByItem(fitItemKnn(data, { k: 5, shrinkage: 1 }), data, 0, 'a')
    expect(b).toBeCloseTo(2 / (Math.sqrt(6) + 1), 6)
    expect(c).toBeCloseTo(1 / (Math.sqrt(3) + 1), 6)
  })

  it('tf-idf: users of long histories say less', () => {
    // five items; u has 2 of them, v 4: ln(5/3) = 0.5108 and ln(5/5) = 0, so a and b are alike by u alone: 1, and c nobody's
    const long = interactionsOf({ u: 'ab', v: 'abcd', w: 'e' })
    const { b, c } = scoresByItem(fitItemKnn(long, { k: 5, weighting: 'tf-idf' }), long, 0, 'a')
    expect(b).toBeCloseTo(1, 6)
    expect(c).toBe(0)
  })

  it('weights: enter the cosine, and what one user likes and dislikes is not alike', () => {
    // a = (2, 1), b = (1, −1): 1 / √(5·2); a, c: a·c = −1·1 < 0
    const weighted = interactionsOf({ u: 'ab', v: 'abc' }, [2, 1, 1, -1, -1])
    const { b, c } = scoresByItem(fitItemKnn(weighted, { k: 5 }), weighted, 0, 'a')
    expect(b).toBeCloseTo(1 / Math.sqrt(10), 6)
    expect(c).toBe(0)
  })

  it('more neighbours than are kept: the rest of the list is empty', () => {
    const { k, items, scores } = fitItemKnn(data, { k: 1 }).neighbourLists(60)
    expect([k, items.length, scores.length]).toEqual([60, 180, 180])
    expect([...items.subarray(0, 3)]).toEqual([1, 2, -1])
  })

  it('on all cores, where the data are many: the neighbours of one thread', async () => {
    // 600 users of 300 of 1009 items each: 54 M pairs, enough for workers
    const random = createRandom(5)
    const many = interactionsOf(
      Object.fromEntries(
        Array.from({ length: 600 }, (_, user) => {
          const [start, step] = [random.int(1009), 1 + random.int(100)]
          const history = Array.from({ length: 300 }, (_, i) =>
            String.fromCharCode(0x4e00 + ((start + i * step) % 1009)),
          )
          return [`u${user}`, history.join('')]
        }),
      ),
    )
    const { items, scores } = (await fitFamilyOn(itemKnnFamily, many, { k: 50 })).save().arrays
    const alone = fitItemKnn(many, { k: 50 }).save().arrays
    expect(Buffer.compare(bytes(items!), bytes(alone.items!))).toBe(0)
    expect(Buffer.compare(bytes(scores!), bytes(alone.scores!))).toBe(0)
  })

  it('the lists of a matrix that is mostly zeros: those of dense sums', () => {
    // 400 pairs of items that nobody else has, so few sums are touched for each: the nearest of 2i is 2i + 1, and nothing else
    const pairs = Array.from({ length: 400 }, (_, i) => String.fromCharCode(0x4e00 + 2 * i, 0x4e00 + 2 * i + 1))
    const sparse = interactionsOf(Object.fromEntries(pairs.map((history, user) => [`u${user}`, history])))
    const { items, scores } = fitItemKnn(sparse, { k: 3 }).neighbourLists(2)
    for (let item = 0; item < 800; item++) {
      expect([items[2 * item], items[2 * item + 1], scores[2 * item]]).toEqual([item ^ 1, -1, 1])
    }
  })
})
