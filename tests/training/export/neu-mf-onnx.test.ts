import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { exportNeuMf } from '../../../training/export/neu-mf-onnx.ts'
import { createNeuMf } from '../../../training/networks/neu-mf.ts'
import { NeuMfRecommender } from '../../../training/networks/neu-mf-recommender.ts'

describe('exportNeuMf', () => {
  it.each(['gmf', 'mlp', 'neu-mf'] as const)('of %s scores in onnxruntime as the trainer does', async (variant) => {
    const random = createRandom(5)
    const itemCount = 7
    const weights = createNeuMf(
      { variant, userCount: 4, itemCount, gmfSize: 3, mlpSize: 5, hiddenSizes: [6, 4] },
      random,
      1,
    )
    // Biases start at 0: give them values, so that a forgotten one shows.
    for (const values of Object.values(weights.parameters)) {
      for (const i of values.keys()) values[i]! += 0.1 * random.normal()
    }
    const recommender = NeuMfRecommender.of(weights)
    const session = await InferenceSession.create(exportNeuMf(weights))
    for (let user = 0; user < 4; user++) {
      const expected = new Float32Array(itemCount)
      recommender.score(user, new Int32Array(), expected)
      const { score } = await session.run({
        user: new Tensor('int32', new Int32Array(itemCount).fill(user), [itemCount]),
        item: new Tensor(
          'int32',
          Int32Array.from({ length: itemCount }, (_, i) => i),
          [itemCount],
        ),
      })
      expect(score!.dims).toEqual([itemCount])
      for (const [item, value] of (score!.data as Float32Array).entries()) expect(value).toBeCloseTo(expected[item]!, 4)
    }
    await session.release()
  })
})
