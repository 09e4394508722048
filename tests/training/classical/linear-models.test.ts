import { describe, expect, it } from 'vitest'
import { PackedRows } from '../../../training/backend/packed-rows.ts'
import { easeFamily } from '../../../training/classical/ease.ts'
import { historyNormalEquations } from '../../../training/classical/history-normal-equations.ts'
import { slitFamily } from '../../../training/classical/slit.ts'
import { sharpened } from '../../../training/classical/spectral-filter.ts'
import { spectralGraph } from '../../../training/classical/spectral-graph.ts'
import { userItemMatrix } from '../../../training/classical/user-item-matrix.ts'
import type { Interactions } from '../../../training/datasets/interactions.ts'
import { holdOutAtRandom } from '../../../training/datasets/random-hold-out.ts'
import { fitEnvironment } from '../fit-environment.ts'

const interactions = (lists: readonly (readonly number[])[], items: number, weights?: number[]): Interactions => {
  const flat = lists.flat()
  const ends = lists.map((_, i) => lists.slice(0, i + 1).flat().length)
  return {
    users: lists.map((_, i) => `u${i}`),
    items: Array.from({ length: items }, (_, i) => `i${i}`),
    offsets: Int32Array.of(0, ...ends),
    itemIndices: Int32Array.from(flat),
    times: Float64Array.from(flat.keys()),
    ...(weights && { weights: Float32Array.from(weights) }),
  }
}

describe('ease', () => {
  it('two items, one user with both and one with the first: the weights by hand', async () => {
    // XᵀX + I = [3 1; 1 2], P = [2 −1; −1 3] / 5; B[0, 1] = −P01 / P11 = 1/3, B[1, 0] = −P10 / P00 = 1/2
    const model = await easeFamily.fit(
      { interactions: interactions([[0, 1], [0]], 2) },
      { l2: 1, dropout: 0 },
      fitEnvironment,
    )
    const scores = new Float32Array(2)
    model.score(-1, Int32Array.of(0), scores)
    expect(scores[1]).toBeCloseTo(1 / 3, 6)
    model.score(-1, Int32Array.of(1, 1), scores)
    expect(scores[0]).toBeCloseTo(1 / 2, 6)
  })
})

describe('slit', () => {
  const options = { l2: 0.3, dropout: 0, backward: 0, targetDecay: 0, popularityDamping: 0 }

  it('one user who had 0 and then 1: what comes after, and nothing for what came before', async () => {
    // One row, x = e0 and y = e1: XᵀX has a 1 at 0, its diagonal's mean is 1/2, so B[0, 1] = 1 / (1 + 0.3·½) and B[1, 0] = 0
    const model = await slitFamily.fit({ interactions: interactions([[0, 1]], 2) }, options, fitEnvironment)
    const scores = new Float32Array(2)
    model.score(-1, Int32Array.of(0), scores)
    expect(scores[1]).toBeCloseTo(1 / 1.15, 6)
    model.score(-1, Int32Array.of(1), scores)
    expect(scores[0]).toBe(0)
  })

  it('the same items in another order: the same scores, one by one and together', async () => {
    const learned = interactions(
      [
        [0, 1, 2, 3],
        [3, 1, 0, 2],
      ],
      4,
    )
    const model = await slitFamily.fit({ interactions: learned }, options, fitEnvironment)
    const scores = new Float32Array(8)
    await model.scoreMany!(Int32Array.of(-1, -1), [Int32Array.of(0, 1, 3), Int32Array.of(3, 0, 1)], scores)
    expect([...scores.subarray(4)]).toEqual([...scores.subarray(0, 4)])
    const alone = new Float32Array(4)
    model.score(-1, Int32Array.of(1, 3, 0), alone)
    for (const [item, score] of alone.entries()) expect(score).toBeCloseTo(scores[item]!, 6)
    expect(Math.max(...alone)).toBeGreaterThan(0)
  })
})

describe('userItemMatrix', () => {
  it('repeats and weights of zero: the newest weight once, nothing for zero', () => {
    const { offsets, columns, values } = userItemMatrix(interactions([[2, 0, 2], [2]], 3, [1, 0, 3, 0.5]))
    expect([...offsets]).toEqual([0, 1, 2])
    expect([...columns]).toEqual([2, 2])
    expect([...values]).toEqual([3, 0.5])
  })
})

describe('historyNormalEquations', () => {
  it('one sequence of three, two scales: the sums over its rows', () => {
    // 0 1 2 with decays ½ and 0. Rows: t = 1: x = (e0 | e0), y = e1; t = 2: x = (e1 + ½·e0 | e1), y = e2
    const { gram, target } = historyNormalEquations(
      interactions([[0, 1, 2]], 3),
      { decays: [0.5, 0], targetDecay: 0 },
      Float64Array.of(1),
    )
    const at = (row: number, column: number): number => gram.values[row * 6 + column]!
    expect(at(0, 0)).toBeCloseTo(1.25)
    expect(at(1, 0)).toBeCloseTo(0.5)
    expect(at(1, 1)).toBeCloseTo(1)
    // the second scale with the first: e0·e0 of row 1; e1·(½·e0) and e1·e1 of row 2; e0 of the second never with e1 of the first
    expect(at(3, 0)).toBeCloseTo(1)
    expect(at(4, 0)).toBeCloseTo(0.5)
    expect(at(4, 1)).toBeCloseTo(1)
    expect(at(3, 1)).toBeCloseTo(0)
    // item 0 is followed by 1 with weight 1, by 2 with ½ (first scale) and 0 (second)
    expect([...target.values.subarray(0, 3)]).toEqual([0, 1, 0.5])
    expect([...target.values.subarray(9, 12)]).toEqual([0, 1, 0])
  })
})

describe('spectral filter', () => {
  it('closeness of two items: the shared users, each divided by the degrees', async () => {
    // user 0 has both items (degree 2), user 1 the first: P[0, 1] = 1 / (2·√2·√1)
    const { normalised, degrees } = spectralGraph(userItemMatrix(interactions([[0, 1], [0]], 2)), 2)
    expect([...degrees]).toEqual([2, 1])
    const closeness = await PackedRows.products(normalised, 2, 10, new AbortController().signal)
    const { columns, values } = closeness.unpack()
    expect([...columns]).toEqual([1, 0])
    expect(values[0]).toBeCloseTo(1 / (2 * Math.SQRT2), 6)
  })

  it('sharpening: four terms of e^(−Tλ)', () => {
    // 1 − 1 + 1/2 − 1/6 + 1/24 = 0.375
    expect(sharpened(0.5, 2)).toBeCloseTo(0.375, 9)
    expect(sharpened(0.5, 0)).toBe(1)
  })
})

describe('holdOutAtRandom', () => {
  it('a fifth of ten and of four: two items and none', () => {
    const all = interactions([Array.from({ length: 10 }, (_, i) => i), [0, 1, 2, 3]], 10)
    const { fitted, heldOut } = holdOutAtRandom(all, 0.2, 3)
    expect([...heldOut.users]).toEqual([0])
    expect(heldOut.items[0]).toHaveLength(2)
    expect([...fitted.offsets]).toEqual([0, 8, 12])
    const both = [...fitted.itemIndices.subarray(0, 8), ...heldOut.items[0]!].sort((a, b) => a - b)
    expect(both).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})
