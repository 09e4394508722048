import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { compileStep } from '../../../training/backend/graph/compiled-step.ts'
import { tfOps } from '../../../training/backend/graph/tf-ops.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { openBackend } from '../../../training/backend/select-backend.ts'
import {
  createParameters,
  dropoutPlaces,
  type SequentialShape,
  sequentialLoss,
  trainingSpec,
} from '../../../training/networks/sequential-network.ts'

const shape: SequentialShape = { itemCount: 9, embeddingSize: 8, blocks: 2, heads: 2, windowLength: 5 }
const windows = 3
const positions = windows * shape.windowLength

function smallBatch(negatives: number): Record<string, Float32Array | Int32Array> {
  const random = createRandom(3)
  const items = (count: number): Int32Array => Int32Array.from({ length: count }, () => random.int(shape.itemCount))
  const masks = dropoutPlaces(shape).map((place) => {
    const mask = Float32Array.from({ length: positions * shape.embeddingSize }, () =>
      random.uniform() < 0.3 ? 0 : 1 / 0.7,
    )
    return [place, mask] as const
  })
  return {
    inputs: items(positions),
    // The second window holds two sequences.
    sequences: Int32Array.of(0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
    targets: items(positions),
    weights: new Float32Array(positions).fill(1 / positions),
    negatives: negatives === shape.itemCount ? Int32Array.from({ length: negatives }, (_, i) => i) : items(negatives),
    corrections: Float32Array.from({ length: negatives }, () => random.normal()),
    ...Object.fromEntries(masks),
  }
}

describe('the sequential network', () => {
  it.each([
    { name: 'a sample of negatives', negatives: 4 },
    { name: 'all items', negatives: shape.itemCount },
  ])('compiled to one graph, against $name: has the loss and the gradients of TF.js', async ({ negatives }) => {
    const parameters = createParameters(shape, createRandom(1), 0.5)
    const inputs = smallBatch(negatives)
    const spec = trainingSpec(shape, { windows, negatives })
    const step = await compileStep(spec, (ops, p, i) => sequentialLoss(ops, p, i, shape), 1)
    const compiled = await step.run(parameters, inputs)
    // Rows that a batch gathers get their gradients one by one.
    const gradients: Record<string, Float32Array> = { ...compiled.gradients, items: new Float32Array(9 * 8) }
    for (const { table, indices, gradient } of compiled.rows) {
      for (const [at, value] of gradient.entries()) gradients[table]![indices[at >> 3]! * 8 + (at & 7)]! += value
    }
    await step.close()

    const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const names = Object.keys(spec.parameters)
      const tensors = names.map((name) => tf.tensor(parameters[name]!, [...spec.parameters[name]!]))
      const fixed = Object.fromEntries(
        Object.entries(spec.inputs).map(([name, { dtype, shape: its }]) => [
          name,
          tf.tensor(inputs[name]!, [...its], dtype),
        ]),
      )
      const loss = (...of: Tensor[]): Scalar =>
        sequentialLoss<Tensor>(
          tfOps(tf),
          Object.fromEntries(names.map((name, i) => [name, of[i]!])),
          fixed,
          shape,
        ) as Scalar
      const { value, grads } = tf.valueAndGrads(loss)(tensors)
      expect(compiled.loss).toBeCloseTo(value.dataSync()[0]!, 5)
      for (const [i, name] of names.entries()) {
        const expected = grads[i]!.dataSync()
        const largest = Math.max(...expected.map(Math.abs))
        expect(largest, name).toBeGreaterThan(0)
        for (const [at, gradient] of expected.entries()) {
          expect(Math.abs(gradients[name]![at]! - gradient), `${name}[${at}]`).toBeLessThan(1e-4 * largest)
        }
      }
    })
    expect(tf.memory().numTensors).toBe(before)
  })
})
