import { describe, expect, it } from 'vitest'
import { contentFamily } from '../../../training/classical/content.ts'
import { itemVectors } from '../../../training/classical/item-vectors.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { type ItemContent, unknownUser } from '../../../training/families/family.ts'
import { fitEnvironment } from '../fit-environment.ts'

const only = { wordWeight: 0, nGramWeight: 0, categoryWeight: 0, numberWeight: 0 }
const content = (parts: Partial<ItemContent> & { texts: readonly string[] }): ItemContent => ({
  categories: {},
  numbers: {},
  ...parts,
})

/** vᵢ·vⱼ */
function product({ offsets, columns, values }: ReturnType<typeof itemVectors>, i: number, j: number): number {
  let sum = 0
  for (let a = offsets[i]!; a < offsets[i + 1]!; a++) {
    for (let b = offsets[j]!; b < offsets[j + 1]!; b++) if (columns[a] === columns[b]) sum += values[a]! * values[b]!
  }
  return sum
}

describe('itemVectors', () => {
  it('weighs words by TF-IDF', () => {
    // N = 3. red: df 2, weight ln(1 + 3/2) = .9163; car: df 3, ln 2 = .6931; "old" is of one item alone.
    // red car: (.9163, .6931) of length 1.1489; car: (0, 1): cosine .6931/1.1489 = .6033
    const vectors = itemVectors(content({ texts: ['red car', 'old car', 'car red'] }), { ...only, wordWeight: 1 })
    expect(product(vectors, 0, 1)).toBeCloseTo(0.6033, 4)
    expect(product(vectors, 0, 2)).toBeCloseTo(1, 6)
  })

  it('counts a repeated word by its logarithm', () => {
    // a: (1 + ln 2)·ln 2, b: ln 2, both df 2 of 2: cosine of (1.6931, 1) and (1, 1) = 2.6931/(1.9663·1.4142) = .9684
    const vectors = itemVectors(content({ texts: ['a a b', 'a b'] }), { ...only, wordWeight: 1 })
    expect(product(vectors, 0, 1)).toBeCloseTo(0.9684, 4)
  })

  it('averages the kinds by their weights, over what is known of the item', () => {
    const given = content({
      texts: ['same', 'same', ''],
      categories: { genre: ['x', 'y', 'x'], other: ['z', 'z', 'z'] },
    })
    const vectors = itemVectors(given, { ...only, wordWeight: 1, categoryWeight: 3 })
    // 0, 1: words alike (1 of 4), genre unlike; y is of one item alone, so that 1 has words (1) and other (1.5): cosine
    // (1·1/√(4·2.5)) + (1.5/√(4·2.5)) = 2.5/√10
    expect(product(vectors, 0, 1)).toBeCloseTo(2.5 / Math.sqrt(10), 5)
    // 0, 2: 2 has no words: the categories' 3, of 0's 4 and its own 3
    expect(product(vectors, 0, 2)).toBeCloseTo(3 / Math.sqrt(4 * 3), 5)
  })

  it('takes near numbers as alike, by rank', () => {
    const years = Float32Array.from({ length: 101 }, (_, i) => (i === 100 ? Number.NaN : 1900 + i))
    const texts = Array.from(years, () => '')
    const vectors = itemVectors(content({ texts, numbers: { year: years } }), { ...only, numberWeight: 1 })
    expect(product(vectors, 50, 51)).toBeGreaterThan(0.95)
    expect(product(vectors, 50, 60)).toBeGreaterThan(product(vectors, 50, 65))
    expect(product(vectors, 50, 90)).toBe(0)
    expect(vectors.offsets[101]! - vectors.offsets[100]!).toBe(0)
  })
})

describe('content', () => {
  const events = ['ax', 'ay', 'bx'].map((pair) => [...pair] as [string, string])
  const interactions = groupByUser(
    { userIds: events.map(([user]) => user), itemIds: events.map(([, item]) => item), times: [0, 1, 2] },
    { minInteractions: 1, firstOnly: true },
  )
  const items = ['x', 'y', 'new', 'unknown']
  const known = content({ texts: ['space war', 'love story', 'space war love', ''] })
  const learn = (settings: object = {}) =>
    contentFamily.fit(
      { interactions: { ...interactions, items }, content: known },
      contentFamily.config.parse({ ...only, wordWeight: 1, ...settings }),
      fitEnvironment,
    )
  const scores = async (history: readonly number[], settings?: object) => {
    const result = new Float32Array(4)
    ;(await learn(settings)).score(unknownUser, Int32Array.from(history), result)
    return [...result]
  }

  it('finds an item that nobody has had', async () => {
    // shared words: space, war, love, each df 2 of 4, all of one weight; "story" is of one item alone.
    // x = (1, 1, 0)/√2, y = (0, 0, 1), new = (1, 1, 1)/√3
    const got = await scores([0])
    expect(got[0]).toBeCloseTo(1, 6)
    expect(got[1]).toBe(0)
    expect(got[2]).toBeCloseTo(2 / Math.sqrt(6), 6)
    expect(got[3]).toBe(0)
  })

  it('weighs the last item most', async () => {
    // x before y at decay ½, and they share nothing: x scores half of what y does
    const [x, y] = await scores([0, 1], { decay: 0.5 })
    expect(x).toBeCloseTo(0.5, 6)
    expect(y).toBeCloseTo(1, 6)
    expect((await scores([0, 1], { lastItems: 1 }))[0]).toBe(0)
  })

  it('gives what is popular where nothing is known of the history', async () => {
    expect(await scores([3])).toEqual([2, 1, 0, 0])
    expect(await scores([])).toEqual([2, 1, 0, 0])
  })

  it('lists similar items, new ones too', async () => {
    const { items: similar, scores: cosines } = (await learn()).similar(1, 3)
    expect([...similar]).toEqual([2])
    expect(cosines[0]).toBeCloseTo(1 / Math.sqrt(3), 6)
  })

  it('without content says what to give', async () => {
    await expect(
      contentFamily.fit({ interactions }, contentFamily.config.parse({}), fitEnvironment),
    ).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringContaining('--items FILE'),
    })
  })
})
