import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { paddedHistories } from '../../../models/payloads/recommender.ts'
import { type CatalogueScores, exportCatalogueScores } from '../../../training/export/catalogue-scores.ts'
import { exportItemWeights } from '../../../training/export/item-weights-onnx.ts'
import { blendedScores } from '../../../training/hybrid/blended-scores.ts'

/** Item i is followed by i + 1; the last `places` items count alike. */
const follows = (places: number): CatalogueScores =>
  exportItemWeights(
    [
      {
        weights: { k: 1, items: Int32Array.of(1, 2, -1), scores: Float32Array.of(2, 2, 0) },
        placeWeights: new Float32Array(places).fill(1),
      },
    ],
    3,
  ).catalogue!

/** Scores every item alike. */
const indifferent: CatalogueScores = {
  historyLength: 1,
  build: (graph, history) =>
    graph.node('Add', [
      graph.node('Mul', [graph.node('Cast', [history], { to: 1 }), graph.constant('none', Float32Array.of(0), [1])]),
      graph.constant('seven', Float32Array.of(7, 7, 7), [1, 3]),
    ]),
  score: (_history, scores) => scores.fill(7),
}

const context = { popularity: Float32Array.of(1, 0, -1), meanLength: Math.log(2) }

describe('the blend as ONNX', () => {
  it('by hand: standardised scores by weights that grow with the length of the history', () => {
    const blend = blendedScores([follows(4), indifferent], context, [3, 5, 100, 100, 10, 20])
    const scores = new Float32Array(3)
    blend.score(Int32Array.of(0), scores)
    // 0, 2, 0: mean ⅔, deviation √(8/9); one item is as long as the mean: no slope. The indifferent one is 0 at any weight.
    const [low, high] = [(0 - 2 / 3) / Math.sqrt(8 / 9), (2 - 2 / 3) / Math.sqrt(8 / 9)]
    expect(scores[0]).toBeCloseTo(3 * low + 10, 4)
    expect(scores[1]).toBeCloseTo(3 * high, 4)
    blend.score(Int32Array.of(2, 2, 0), scores)
    // three items: ln 4 − ln 2 = ln 2
    expect(scores[2]).toBeCloseTo((3 + 5 * Math.log(2)) * low - (10 + 20 * Math.log(2)), 4)
  })

  it('served: the same scores for histories of every length, read as far back as each component does', async () => {
    const blend = blendedScores([follows(2), indifferent, follows(4)], context, [3, 5, 1, 1, -2, 0.5, 10, 20])
    const network = exportCatalogueScores('blend', blend, 3)
    expect(network.historyLength).toBe(4)
    const histories = [[0], [1, 0], [2, 1, 0, 0], [0, 0, 1, 1, 2, 2]].map((items) => Int32Array.from(items))
    const expected = histories.flatMap((history) => {
      const scores = new Float32Array(3)
      network.score(-1, history, scores)
      return [...scores]
    })
    const session = await InferenceSession.create(network.onnx)
    const int = (shape: number[], data: Int32Array): Tensor => new Tensor('int32', data, shape)
    const { score } = await session.run({
      history: int([4, 4], paddedHistories(histories, 4)),
      row: int(
        [12],
        Int32Array.from({ length: 12 }, (_, i) => Math.floor(i / 3)),
      ),
      item: int(
        [12],
        Int32Array.from({ length: 12 }, (_, i) => i % 3),
      ),
    })
    for (const [i, value] of expected.entries()) expect((score!.data as Float32Array)[i]).toBeCloseTo(value, 4)
    await session.release()
  })
})
