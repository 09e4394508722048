import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { Matrix } from '../../../training/backend/linear-algebra.ts'
import { exportSpectral } from '../../../training/export/spectral-onnx.ts'

const matrix = (rows: number, columns: number, ...values: number[]): Matrix => ({
  rows,
  columns,
  values: Float32Array.from(values),
})

// Three items; N: 0 → 1 (weight 2), 1 → 2 (5).
const neighbours = { k: 1, items: Int32Array.of(1, 2, -1), scores: Float32Array.of(2, 5, 0) }
const cases = [
  {
    part: 'a part of rank two',
    // L·M·Rᵀ with L = [1 0; 0 1; 1 1], M = [2 1; 0 1], R = [1 0; 0 1; 1 1]: rows of L·M are [2 1], [0 1], [2 2]
    low: {
      left: matrix(3, 2, 1, 0, 0, 1, 1, 1),
      mixing: matrix(2, 2, 2, 1, 0, 1),
      right: matrix(3, 2, 1, 0, 0, 1, 1, 1),
    },
    // history 0, 2: [4 3]·Rᵀ = 4, 3, 7, and 2 for item 1 by N; history 1: [0 1]·Rᵀ = 0, 1, 1 and 5 for item 2
    scores: [
      [4, 5, 7],
      [0, 1, 6],
    ],
  },
  {
    part: 'no part of low rank',
    low: { left: matrix(3, 0), mixing: matrix(0, 0), right: matrix(3, 0) },
    scores: [
      [0, 2, 0],
      [0, 0, 5],
    ],
  },
]

describe('exportSpectral', () => {
  const histories = [Int32Array.of(0, 2), Int32Array.of(1)]

  it.each(cases)(
    '$part: its own arithmetic one by one and together, and onnxruntime, give the sums by hand',
    async ({ low, scores }) => {
      const { onnx, historyLength, score, catalogue } = exportSpectral({ neighbours, ...low })
      const one = histories.map((history) => {
        const found = new Float32Array(3).fill(9)
        score(-1, history, found)
        return [...found]
      })
      expect(one).toEqual(scores)
      const together = new Float32Array(6).fill(9)
      await catalogue!.scoreMany!(histories, together)
      expect([...together]).toEqual(scores.flat())

      const session = await InferenceSession.create(onnx)
      const padded = new Int32Array(2 * historyLength!).fill(-1)
      padded.set(histories[0]!, historyLength! - 2)
      padded.set(histories[1]!, 2 * historyLength! - 1)
      const int32 = (...values: number[]): Tensor => new Tensor('int32', Int32Array.from(values), [values.length])
      const { score: found } = await session.run({
        history: new Tensor('int32', padded, [2, historyLength!]),
        row: int32(0, 0, 0, 1, 1, 1),
        item: int32(0, 1, 2, 0, 1, 2),
      })
      expect([...(found!.data as Float32Array)]).toEqual(scores.flat())
      await session.release()
    },
  )
})
