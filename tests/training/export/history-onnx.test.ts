import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { paddedHistories } from '../../../models/payloads/recommender.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { openBackend } from '../../../training/backend/select-backend.ts'
import { exportCatalogueScores } from '../../../training/export/catalogue-scores.ts'
import { knownVectors } from '../../../training/networks/history-network.ts'
import { historyRecommender } from '../../../training/networks/history-recommender.ts'
import {
  createParameters,
  type SequentialShape,
  sequentialNetwork,
} from '../../../training/networks/sequential-network.ts'

const shape: SequentialShape = { itemCount: 5, embeddingSize: 8, blocks: 2, heads: 2, windowLength: 4 }
// Item 4 was never seen.
const counts = Float32Array.of(3, 1, 2, 1, 0)
const fresh = createParameters(shape, createRandom(2), 1)
const parameters = { ...fresh, items: knownVectors(fresh.items!, 8, (item) => item < 4) }
const histories = [[1], [0, 1, 2], [3, 2, 1, 0, 2, 1]].map((items) => Int32Array.from(items))

const open = async () => {
  const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
  return historyRecommender(tf, { network: sequentialNetwork(shape), parameters, counts, trained: true }, {})
}

describe('a recommender by a network over histories', () => {
  it('served as ONNX: the scores of the trainer, padded at the front, several people in one call', async () => {
    const recommender = await open()
    const network = recommender.serving!()
    expect(network.historyLength).toBe(4)
    const expected = histories.flatMap((history) => {
      const scores = new Float32Array(5)
      network.score(-1, history, scores)
      return [...scores]
    })
    recommender.close()
    const session = await InferenceSession.create(network.onnx)
    const padded = histories.flatMap((history) => [-1, -1, -1, -1, ...history].slice(-4))
    const { score } = await session.run({
      history: new Tensor('int32', Int32Array.from(padded), [3, 4]),
      row: new Tensor(
        'int32',
        Int32Array.from({ length: 15 }, (_, i) => Math.floor(i / 5)),
        [15],
      ),
      item: new Tensor(
        'int32',
        Int32Array.from({ length: 15 }, (_, i) => i % 5),
        [15],
      ),
    })
    const served = [...(score!.data as Float32Array)]
    for (const [i, value] of expected.entries()) expect(served[i]).toBeCloseTo(value, 4)
    await session.release()
  })

  it('as a piece of another graph: scores of the whole catalogue, an item never seen like the worst', async () => {
    const recommender = await open()
    const { catalogue } = recommender.serving!()
    const whole = exportCatalogueScores('whole', catalogue!, 5)
    const expected = new Float32Array(3 * 5)
    await catalogue!.scoreMany!(histories, expected)
    recommender.close()
    const session = await InferenceSession.create(whole.onnx)
    const int = (values: ArrayLike<number>, size: number[]) => new Tensor('int32', Int32Array.from(values), size)
    const { score } = await session.run({
      history: int(paddedHistories(histories, 4), [3, 4]),
      row: int([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2], [15]),
      item: int([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4], [15]),
    })
    const served = score!.data as Float32Array
    for (const [i, value] of expected.entries()) expect(served[i]).toBeCloseTo(value, 4)
    expect(served[4]).toBeCloseTo(Math.min(...served.slice(0, 4)), 6)
    await session.release()
  })

  it('reads only the last items of a long history, and their order matters', async () => {
    const recommender = await open()
    const scoresOf = (...items: number[]): number[] => {
      const scores = new Float32Array(5)
      recommender.score(-1, Int32Array.from(items), scores)
      return [...scores]
    }
    expect(scoresOf(3, 3, 3, 0, 1, 2, 3)).toEqual(scoresOf(0, 1, 2, 3))
    expect(scoresOf(1, 0, 2, 3)).not.toEqual(scoresOf(0, 1, 2, 3))
    recommender.close()
  })

  it('an item that was never seen gets the lowest score of the others; without a history, popularity decides', async () => {
    const recommender = await open()
    const scores = new Float32Array(5)
    recommender.score(-1, histories[1]!, scores)
    expect(scores[4]).toBe(Math.min(...scores.slice(0, 4)))
    recommender.score(-1, new Int32Array(0), scores)
    expect([...scores].map((score) => Math.round(Math.exp(score) - 1))).toEqual([...counts])
    recommender.close()
  })
})
