import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { SharedNegatives } from '../../../training/datasets/shared-negatives.ts'
import { CandidateDraw, twoTowerBatches } from '../../../training/networks/two-tower-batches.ts'

const counts = Float32Array.of(16, 4, 0, 0)
const batch = { targets: Int32Array.of(0, 1, 9, 0), sequences: Int32Array.of(5, 6, -1, 7) }

describe('CandidateDraw', () => {
  it('targets of the batch with their owners, never padding, then drawn items that nobody owns', () => {
    const draw = new CandidateDraw(counts, new SharedNegatives(counts), 50, 10)
    const { candidates, owners } = draw.draw(batch, createRandom(1))
    const pairs = new Set(Array.from(candidates.subarray(0, 50), (item, i) => `${item} of ${owners[i]}`))
    expect([...pairs].sort()).toEqual(['0 of 5', '0 of 7', '1 of 6'])
    expect([...owners.subarray(50)]).toEqual(new Array(10).fill(-2))
    expect(Math.max(...candidates)).toBeLessThan(2)
  })

  it('corrects by how often an item is expected from both sources together', () => {
    const draw = new CandidateDraw(counts, new SharedNegatives(counts), 10, 6)
    const { candidates, corrections } = draw.draw(batch, createRandom(1))
    // Item 0: 16/20 of 10 targets and 4/6 of 6 drawn, 12 in all; item 1: 4/20 of 10 and 2/6 of 6, 4 in all.
    for (const [i, item] of candidates.entries()) expect(corrections[i]).toBeCloseTo(-Math.log(item === 0 ? 12 : 4), 5)
  })

  it('as many as there are items: each once, without correction', () => {
    const draw = new CandidateDraw(counts, new SharedNegatives(counts), 0, 4)
    const { candidates, corrections } = draw.draw(batch, createRandom(1))
    expect([...candidates]).toEqual([0, 1, 2, 3])
    expect([...corrections]).toEqual([0, 0, 0, 0])
  })
})

describe('twoTowerBatches', () => {
  it('an item that is known by its content alone is so wherever it occurs in the batch', () => {
    const shape = { itemCount: 4, embeddingSize: 4, hiddenSize: 4, windowLength: 4 }
    const data = {
      sequences: [Int32Array.of(0, 1, 0, 1, 0, 1, 0)],
      shape,
      windows: 2,
      candidates: new CandidateDraw(counts, new SharedNegatives(counts), 0, 4),
      masks: new Float32Array(1000).fill(1),
      content: {
        numbers: { rows: 4, columns: 2, values: new Float32Array(8) },
        keep: Float32Array.of(0, 1, 1, 1),
      },
    }
    const [only, ...others] = twoTowerBatches(data, createRandom(1))
    expect(others).toEqual([])
    expect(only!.positions).toBe(6)
    const { targets, sequences, keep_targets: kept, keep_candidates: keptCandidates } = only!.inputs
    expect([...keptCandidates!]).toEqual([0, 1, 1, 1])
    for (const [at, item] of targets!.entries()) {
      if (sequences![at]! >= 0) expect(kept![at]).toBe(item === 0 ? 0 : 1)
    }
  })
})
