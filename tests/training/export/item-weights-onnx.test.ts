import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { exportItemWeights } from '../../../training/export/item-weights-onnx.ts'

// Three items. Part one: 0 → 1 (weight 2), 0 → 2 (3), 1 → 2 (5). Part two: 2 → 0 (7).
const network = exportItemWeights(
  [
    {
      weights: {
        k: 2,
        items: Int32Array.of(1, 2, 2, -1, -1, -1),
        scores: Float32Array.of(2, 3, 5, 0, 0, 0),
      },
      placeWeights: Float32Array.of(0.25, 0.5, 1),
    },
    {
      weights: { k: 1, items: Int32Array.of(-1, -1, 0), scores: Float32Array.of(0, 0, 7) },
      // shorter than the other's: the oldest place counts nothing
      placeWeights: Float32Array.of(1, 1),
    },
  ],
  3,
)

const cases = [
  // newest is 0: its row counts in full
  { history: [0], scores: [0, 2, 3] },
  // 0 counts ½, 1 in full: item 2 has ½·3 + 5
  { history: [0, 1], scores: [0, 1, 6.5] },
  // 2 is newest: part one has nothing for it, part two 7 for item 0
  { history: [0, 1, 2], scores: [7, 0.5, 0.75 + 2.5] },
  // longer than the graph reads: the oldest is forgotten
  { history: [2, 1, 1, 1], scores: [0, 0, 5 * 1.75] },
  { history: [], scores: [0, 0, 0] },
]

describe('exportItemWeights', () => {
  it.each(cases)('scores history $history by its own arithmetic', ({ history, scores }) => {
    const found = new Float32Array(3).fill(9)
    network.score(-1, Int32Array.from(history), found)
    expect([...found]).toEqual(scores)
  })

  it('scores several histories in one call of onnxruntime alike', async () => {
    const session = await InferenceSession.create(network.onnx)
    const padded = cases.flatMap(({ history }) => [-1, -1, -1, ...history].slice(-3))
    const row = cases.flatMap((_, i) => [i, i, i])
    const item = cases.flatMap(() => [0, 1, 2])
    const { score } = await session.run({
      history: new Tensor('int32', Int32Array.from(padded), [cases.length, 3]),
      row: new Tensor('int32', Int32Array.from(row), [row.length]),
      item: new Tensor('int32', Int32Array.from(item), [item.length]),
    })
    expect([...(score!.data as Float32Array)]).toEqual(cases.flatMap(({ scores }) => scores))
    await session.release()
  })
})
