import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { packWindows, positionCount } from '../../../training/datasets/packed-windows.ts'
import { SharedNegatives } from '../../../training/datasets/shared-negatives.ts'

describe('packWindows', () => {
  const sequences = [Int32Array.of(1, 2, 3, 4), Int32Array.of(), Int32Array.of(5), Int32Array.of(6, 7, 8)]

  it('holds every pair of neighbours once, sequences marked, the rest padded', () => {
    // 3 + 0 + 0 + 2 pairs fill one window of 4, and one place of another.
    expect(positionCount(sequences)).toBe(5)
    const packed = packWindows(sequences, 4, createRandom(1))
    expect(packed.count).toBe(2)
    const pairs = [...packed.inputs].flatMap((item, at) =>
      packed.sequences[at] === -1 ? [] : [`${packed.sequences[at]}: ${item} ${packed.targets[at]}`],
    )
    expect(pairs.sort()).toEqual(['0: 1 2', '0: 2 3', '0: 3 4', '3: 6 7', '3: 7 8'])
    expect(packed.sequences.filter((sequence) => sequence === -1)).toHaveLength(3)
  })

  it('within a window, keeps the order of each sequence', () => {
    const long = [Int32Array.from({ length: 50 }, (_, i) => i)]
    const { inputs } = packWindows(long, 7, createRandom(2))
    for (let at = 0; at < 49; at++) if (at % 7 > 0) expect(inputs[at]).toBe(inputs[at - 1]! + 1)
  })

  it('nothing to predict: no window', () => {
    expect(packWindows([Int32Array.of(1)], 4, createRandom(1)).count).toBe(0)
  })
})

describe('SharedNegatives', () => {
  it('draws by the root of the counts, and corrects by how many are expected', () => {
    // Roots 1, 0, 3 of 4: item 0 with ¼, item 2 with ¾, item 1 never.
    const negatives = new SharedNegatives([1, 0, 9])
    const items = new Int32Array(4000)
    const corrections = new Float32Array(4000)
    negatives.draw(items, corrections, createRandom(3))
    const share = items.filter((item) => item === 0).length / 4000
    expect(items).not.toContain(1)
    // Standard error √(¼·¾/4000) = .0068
    expect(Math.abs(share - 0.25)).toBeLessThan(0.025)
    expect(corrections[items.indexOf(0)]).toBeCloseTo(-Math.log(1000), 5)
    expect(corrections[items.indexOf(2)]).toBeCloseTo(-Math.log(3000), 5)
  })

  it('as many as there are items: all of them, once', () => {
    const items = new Int32Array(3)
    const corrections = new Float32Array(3).fill(9)
    new SharedNegatives([1, 0, 9]).draw(items, corrections, createRandom(3))
    expect([...items]).toEqual([0, 1, 2])
    expect([...corrections]).toEqual([0, 0, 0])
  })
})
