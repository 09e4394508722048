import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { allCandidates } from '../../../training/networks/candidate-draw.ts'
import { twoTowerBatches } from '../../../training/networks/two-tower-batches.ts'

describe('twoTowerBatches', () => {
  it('an item that is known by its content alone is so wherever it occurs; one without content never is', () => {
    const shape = { itemCount: 4, embeddingSize: 4, hiddenSize: 4, windowLength: 4 }
    const data = {
      sequences: [Int32Array.of(0, 1, 0, 1, 0, 1, 0)],
      shape,
      windows: 2,
      candidates: allCandidates(Float32Array.of(4, 3, 1, 1)),
      masks: new Float32Array(1000).fill(1),
      content: {
        numbers: { rows: 4, columns: 2, values: new Float32Array(8) },
        isDescribed: Uint8Array.of(1, 1, 1, 0),
        keep: Float32Array.of(0, 1, 1, 0),
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
