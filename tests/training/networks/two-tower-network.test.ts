import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { compileForward, compileStep, type NetworkSpec } from '../../../training/backend/graph/compiled-step.ts'
import { tfOps } from '../../../training/backend/graph/tf-ops.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { openBackend } from '../../../training/backend/select-backend.ts'
import { freshParameters, inferenceSpec } from '../../../training/networks/history-network.ts'
import {
  dropoutPlaces,
  parameterShapes,
  type TwoTowerShape,
  trainingSpec,
  twoTowerLoss,
  twoTowerNetwork,
} from '../../../training/networks/two-tower-network.ts'

const shape: TwoTowerShape = { itemCount: 9, embeddingSize: 8, hiddenSize: 12, windowLength: 5 }
const windows = 3
const positions = windows * shape.windowLength

function smallBatch(candidates: number, contentSize: number): Record<string, Float32Array | Int32Array> {
  const random = createRandom(3)
  const items = (count: number): Int32Array => Int32Array.from({ length: count }, () => random.int(shape.itemCount))
  const floats = (count: number, of: () => number): Float32Array => Float32Array.from({ length: count }, of)
  const kept = (): number => (random.uniform() < 0.3 ? 0 : 1)
  const isKept = floats(shape.itemCount, kept)
  const targets = items(positions)
  const others =
    candidates === shape.itemCount ? Int32Array.from({ length: candidates }, (_, i) => i) : items(candidates)
  return {
    inputs: items(positions),
    // The second window holds two sequences.
    sequences: Int32Array.of(0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
    targets,
    weights: new Float32Array(positions).fill(1 / positions),
    candidates: others,
    ...(candidates === shape.itemCount
      ? { columns: targets }
      : { offsets: floats(positions * candidates, () => random.normal()) }),
    ...Object.fromEntries(
      Object.entries(dropoutPlaces(shape)).map(([place, width]) => [place, floats(positions * width, kept)]),
    ),
    ...(contentSize > 0 && {
      content: floats(shape.itemCount * contentSize, () => random.normal()),
      keep_targets: Float32Array.from(targets, (item) => isKept[item]!),
      keep_candidates: Float32Array.from(others, (item) => isKept[item]!),
    }),
  }
}

/** By TF.js, on its tape. */
async function expected(spec: NetworkSpec, parameters: Record<string, Float32Array>, inputs: typeof parameters) {
  const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
  const names = Object.keys(spec.parameters)
  let loss = Number.NaN
  const gradients: Record<string, Float32Array> = {}
  tf.tidy(() => {
    const tensors = names.map((name) => tf.tensor(parameters[name]!, [...spec.parameters[name]!]))
    const fixed = Object.fromEntries(
      Object.entries(spec.inputs).map(([name, its]) => [name, tf.tensor(inputs[name]!, [...its.shape], its.dtype)]),
    )
    const { value, grads } = tf.valueAndGrads(
      (...of: Tensor[]): Scalar =>
        twoTowerLoss<Tensor>(
          tfOps(tf),
          Object.fromEntries(names.map((name, i) => [name, of[i]!])),
          fixed,
          shape,
        ) as Scalar,
    )(tensors)
    loss = value.dataSync()[0]!
    for (const [i, name] of names.entries()) gradients[name] = grads[i]!.dataSync() as Float32Array
  })
  return { loss, gradients }
}

describe('the two towers', () => {
  it.each([
    { name: 'a sample, with content', candidates: 4, contentSize: 3 },
    { name: 'a sample, without content', candidates: 4, contentSize: 0 },
    { name: 'all items', candidates: shape.itemCount, contentSize: 3 },
  ])('compiled to one graph, against $name: has the loss and the gradients of TF.js', async (variant) => {
    const { candidates, contentSize } = variant
    const parameters = freshParameters(parameterShapes(shape, { contentSize }), createRandom(1), 0.5)
    const inputs = smallBatch(candidates, contentSize)
    const spec = trainingSpec(shape, { contentSize }, { windows, candidates, sampled: candidates < shape.itemCount })
    const step = await compileStep(spec, (ops, p, i) => twoTowerLoss(ops, p, i, shape), 1)
    const compiled = await step.run(parameters, inputs)
    // Rows that a batch gathers get their gradients one by one.
    const gradients: Record<string, Float32Array> = { ...compiled.gradients, items: new Float32Array(9 * 8) }
    for (const { table, indices, gradient } of compiled.rows) {
      for (const [at, value] of gradient.entries()) gradients[table]![indices[at >> 3]! * 8 + (at & 7)]! += value
    }
    await step.close()
    const tape = await expected(spec, parameters as Record<string, Float32Array>, inputs as typeof parameters)
    expect(compiled.loss).toBeCloseTo(tape.loss, 5)
    for (const [name, its] of Object.entries(tape.gradients)) {
      const largest = Math.max(...its.map(Math.abs))
      expect(largest, name).toBeGreaterThan(0)
      for (const [at, gradient] of its.entries()) {
        expect(Math.abs(gradients[name]![at]! - gradient), `${name}[${at}]`).toBeLessThan(1e-4 * largest)
      }
    }
  })

  it('a position reads the items up to it in its own sequence: not its target, not another person', async () => {
    const parameters = freshParameters(parameterShapes(shape, { contentSize: 0 }), createRandom(1), 0.5)
    const spec = trainingSpec(shape, { contentSize: 0 }, { windows, candidates: 4, sampled: true })
    const step = await compileStep(spec, (ops, p, i) => twoTowerLoss(ops, p, i, shape), 1)
    const batch = smallBatch(4, 0)
    // Only position 1 counts, of sequence 0, which reaches to position 4: its loss hangs on the items at positions 0 and 1 alone.
    const weights = new Float32Array(positions)
    weights[1] = 1
    const lossWith = async (at: number): Promise<number> => {
      const inputs = Int32Array.from(batch.inputs!)
      inputs[at] = (inputs[at]! + 1) % shape.itemCount
      return (await step.run(parameters, { ...batch, weights, inputs })).loss
    }
    const { loss } = await step.run(parameters, { ...batch, weights })
    expect(await lossWith(0)).not.toBe(loss)
    expect(await lossWith(1)).not.toBe(loss)
    for (const later of [2, 3, 4, 5]) expect(await lossWith(later)).toBe(loss)
    await step.close()
  })

  it('a history alone in its window, padded in front: what the last position of a training batch expects', async () => {
    const parameters = freshParameters(parameterShapes(shape, { contentSize: 0 }), createRandom(1), 0.5)
    const network = twoTowerNetwork(shape)
    const tower = await compileForward(inferenceSpec(network, 1), (ops, p, i) => network.encode(ops, p, i, 5), 1)
    const h = await tower.run(parameters, {
      inputs: Int32Array.of(0, 0, 3, 1, 4),
      sequences: Int32Array.of(-1, -1, 0, 0, 0),
    })
    const scores = Array.from({ length: 9 }, (_, item) =>
      parameters.items!.subarray(item * 8, (item + 1) * 8).reduce((sum, value, j) => sum + value * h[j]!, 0),
    )
    await tower.close()
    // The same in training: another person's items stand in front, and the loss of target 2 is −log of its share in the softmax.
    const spec = trainingSpec(shape, { contentSize: 0 }, { windows: 1, candidates: 9, sampled: false })
    const step = await compileStep(spec, (ops, p, i) => twoTowerLoss(ops, p, i, shape), 1)
    const { loss } = await step.run(parameters, {
      inputs: Int32Array.of(7, 8, 3, 1, 4),
      sequences: Int32Array.of(0, 0, 1, 1, 1),
      targets: Int32Array.of(0, 0, 0, 0, 2),
      weights: Float32Array.of(0, 0, 0, 0, 1),
      candidates: Int32Array.from({ length: 9 }, (_, i) => i),
      columns: Int32Array.of(0, 0, 0, 0, 2),
      drop_items: new Float32Array(5 * 8).fill(1),
      drop_hidden: new Float32Array(5 * 12).fill(1),
    })
    await step.close()
    const share = Math.exp(scores[2]!) / scores.reduce((sum, score) => sum + Math.exp(score), 0)
    expect(loss).toBeCloseTo(-Math.log(share), 4)
  })
})
