import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { compileForward, compileStep, type NetworkSpec } from '../../../training/backend/graph/compiled-step.ts'
import { tfOps } from '../../../training/backend/graph/tf-ops.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { openBackend } from '../../../training/backend/select-backend.ts'
import { freshParameters } from '../../../training/networks/history-network.ts'
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
    ...(candidates !== shape.itemCount && { offsets: floats(positions * candidates, () => random.normal()) }),
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
    const spec = trainingSpec(shape, { contentSize }, { windows, candidates })
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

  it('a position reads what came before it in its own sequence: neither its target nor another person', async () => {
    const parameters = freshParameters(parameterShapes(shape, { contentSize: 0 }), createRandom(1), 0.5)
    const { encode, parameterShapes: shapes } = twoTowerNetwork(shape)
    const port = { dtype: 'int32', shape: [5] } as const
    const spec = { name: 'test', parameters: shapes, inputs: { inputs: port, sequences: port } }
    const tower = await compileForward(spec, (ops, p, i) => encode(ops, p, i, 5), 1)
    const sequences = Int32Array.of(0, 0, 0, 1, 1)
    const encoded = async (...inputs: number[]): Promise<number[]> => [
      ...(await tower.run(parameters, { inputs: Int32Array.from(inputs), sequences })),
    ]
    const before = await encoded(0, 1, 2, 3, 4)
    // The target of position 1 is the item at position 2: another one there changes position 2 alone.
    const after = await encoded(0, 1, 8, 3, 4)
    expect(after.slice(0, 16)).toEqual(before.slice(0, 16))
    expect(after.slice(16, 24)).not.toEqual(before.slice(16, 24))
    expect(after.slice(24)).toEqual(before.slice(24))
    await tower.close()
  })
})
