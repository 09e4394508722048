import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../log.ts'
import {
  compileForward,
  compileStep,
  type InputSpec,
  type NetworkSpec,
} from '../../../../training/backend/graph/compiled-step.ts'
import { type Ops, sizeOfShape } from '../../../../training/backend/graph/ops.ts'
import { tfOps } from '../../../../training/backend/graph/tf-ops.ts'
import { createRandom } from '../../../../training/backend/random.ts'
import { openBackend } from '../../../../training/backend/select-backend.ts'

interface OperatorCase {
  readonly name: string
  readonly parameters: Readonly<Record<string, readonly number[]>>
  readonly inputs?: Readonly<Record<string, { spec: InputSpec; values: Float32Array | Int32Array }>>
  readonly formula: <T>(ops: Ops<T>, p: Readonly<Record<string, T>>, i: Readonly<Record<string, T>>) => T
}

const cases: readonly OperatorCase[] = [
  { name: 'matMul', parameters: { a: [3, 4], b: [4, 2] }, formula: (ops, p) => ops.matMul(p.a!, p.b!) },
  ...[true, false].flatMap((transposeA) =>
    [true, false].map(
      (transposeB): OperatorCase => ({
        name: `matMul of batches, transposed ${transposeA}, ${transposeB}`,
        parameters: { a: transposeA ? [2, 4, 3] : [2, 3, 4], b: transposeB ? [2, 5, 4] : [2, 4, 5] },
        formula: (ops, p) => ops.matMul(p.a!, p.b!, { transposeA, transposeB }),
      }),
    ),
  ),
  {
    name: 'matMul, transposed matrices',
    parameters: { a: [4, 3], b: [2, 4] },
    formula: (ops, p) => ops.matMul(p.a!, p.b!, { transposeA: true, transposeB: true }),
  },
  { name: 'add with broadcasting', parameters: { a: [2, 3], b: [3] }, formula: (ops, p) => ops.add(p.a!, p.b!) },
  {
    name: 'multiply with broadcasting',
    parameters: { a: [2, 1, 3], b: [4, 1] },
    formula: (ops, p) => ops.multiply(p.a!, p.b!),
  },
  { name: 'scale', parameters: { a: [3] }, formula: (ops, p) => ops.scale(p.a!, -2.5) },
  { name: 'relu', parameters: { a: [3, 4] }, formula: (ops, p) => ops.relu(p.a!) },
  { name: 'softmax', parameters: { a: [3, 4] }, formula: (ops, p) => ops.softmax(p.a!) },
  {
    name: 'layerNorm',
    parameters: { x: [3, 5], gain: [5], bias: [5] },
    formula: (ops, p) => ops.layerNorm(p.x!, p.gain!, p.bias!),
  },
  { name: 'reshape', parameters: { a: [3, 4] }, formula: (ops, p) => ops.reshape(p.a!, [2, 6]) },
  { name: 'transpose', parameters: { a: [2, 3, 4] }, formula: (ops, p) => ops.transpose(p.a!, [2, 0, 1]) },
  {
    name: 'split',
    parameters: { a: [6, 2] },
    formula: (ops, p) => {
      const [first, second, third] = ops.split(p.a!, 3)
      return ops.add(ops.multiply(first!, second!), third!)
    },
  },
  { name: 'sum', parameters: { a: [2, 3, 2] }, formula: (ops, p) => ops.sum(p.a!, 1) },
  {
    name: 'a value used twice',
    parameters: { a: [2, 2] },
    formula: (ops, p) => ops.add(ops.multiply(p.a!, p.a!), p.a!),
  },
  {
    name: 'sampledSoftmaxLoss',
    parameters: { x: [3, 2], targets: [3, 2], candidates: [4, 2] },
    inputs: {
      weights: { spec: { dtype: 'float32', shape: [3, 1] }, values: Float32Array.of(0.5, 0, 2) },
      offsets: { spec: { dtype: 'float32', shape: [1, 4] }, values: Float32Array.of(0, 1, -1, -1e9) },
    },
    formula: (ops, p, i) => ops.sampledSoftmaxLoss(p.x!, p.targets!, p.candidates!, i.offsets!, i.weights!),
  },
  {
    // As in use: the targets are rows of the candidates, so that both get a share of the gradient.
    name: 'fullSoftmaxLoss',
    parameters: { x: [3, 2], candidates: [3, 2] },
    inputs: {
      weights: { spec: { dtype: 'float32', shape: [3, 1] }, values: Float32Array.of(0.5, 0, 2) },
      columns: { spec: { dtype: 'int32', shape: [3, 1] }, values: Int32Array.of(2, 0, 1) },
      // Row i of it picks the target of row i.
      pick: { spec: { dtype: 'float32', shape: [3, 3] }, values: Float32Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0) },
    },
    formula: (ops, p, i) =>
      ops.fullSoftmaxLoss(p.x!, ops.matMul(i.pick!, p.candidates!), p.candidates!, i.columns!, i.weights!),
  },
]

/** Any result as a scalar: weighed with fixed numbers, so that no error cancels, and summed. */
function asLoss({ formula }: OperatorCase) {
  return <T>(ops: Ops<T>, p: Readonly<Record<string, T>>, i: Readonly<Record<string, T>>): T => {
    const out = formula(ops, p, i)
    const shape = ops.shapeOf(out)
    const size = sizeOfShape(shape)
    const random = createRandom(9)
    const weights = ops.constant(
      Float32Array.from({ length: size }, () => random.uniform() - 0.3),
      shape,
    )
    return ops.reshape(ops.sum(ops.reshape(ops.multiply(out, weights), [size]), 0), [])
  }
}

describe('graph operators', () => {
  it.each(cases)('$name: the gradient is that of finite differences, and the value that of TF.js', async (its) => {
    const random = createRandom(4)
    const spec: NetworkSpec = {
      name: 'one operator',
      parameters: its.parameters,
      inputs: Object.fromEntries(Object.entries(its.inputs ?? {}).map(([name, input]) => [name, input.spec])),
    }
    const inputs = Object.fromEntries(Object.entries(its.inputs ?? {}).map(([name, { values }]) => [name, values]))
    const parameters = Object.fromEntries(
      Object.entries(its.parameters).map(([name, shape]) => [
        name,
        Float32Array.from({ length: sizeOfShape(shape) }, () => random.normal()),
      ]),
    )
    const step = await compileStep(spec, asLoss(its), 1)
    const { loss, gradients } = await step.run(parameters, inputs)
    const forward = await compileForward(spec, asLoss(its), 1)
    const valueAt = async (): Promise<number> => (await forward.run(parameters, inputs))[0]!
    expect(await valueAt()).toBeCloseTo(loss, 5)
    for (const [name, values] of Object.entries(parameters)) {
      for (const [at, value] of values.entries()) {
        values[at] = value + 0.005
        const above = await valueAt()
        values[at] = value - 0.005
        const below = await valueAt()
        values[at] = value
        // Single precision leaves about 1e-6 ÷ 0.01 of the difference.
        expect(Math.abs(gradients[name]![at]! - (above - below) / 0.01), `${name}[${at}]`).toBeLessThan(1e-3)
      }
    }
    await Promise.all([step.close(), forward.close()])

    const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
    tf.tidy(() => {
      const tensors = (
        specs: Readonly<Record<string, readonly number[]>>,
        of: Readonly<Record<string, Float32Array | Int32Array>>,
      ) => Object.fromEntries(Object.entries(specs).map(([name, shape]) => [name, tf.tensor(of[name]!, [...shape])]))
      const shapes = Object.fromEntries(Object.entries(spec.inputs).map(([name, { shape }]) => [name, shape]))
      const eager = asLoss(its)<Tensor>(
        tfOps(tf),
        tensors(spec.parameters, parameters),
        tensors(shapes, inputs),
      ) as Scalar
      expect(eager.dataSync()[0]).toBeCloseTo(loss, 4)
    })
  })

  it('rows: the gradient comes row by row, in the order of the indices', async () => {
    // loss = Σ_i w_i · table[indices_i]: the gradient of the i-th gathered row is w_i, also where a row comes twice.
    const spec: NetworkSpec = {
      name: 'rows',
      parameters: { table: [3, 1] },
      inputs: { at: { dtype: 'int32', shape: [3] }, w: { dtype: 'float32', shape: [3, 1] } },
    }
    const step = await compileStep(
      spec,
      (ops, p, i) => ops.reshape(ops.sum(ops.multiply(ops.rows(p.table!, i.at!), i.w!), 0), []),
      1,
    )
    const table = Float32Array.of(10, 20, 30)
    const result = await step.run({ table }, { at: Int32Array.of(2, 0, 2), w: Float32Array.of(1, 2, 3) })
    // 1·30 + 2·10 + 3·30
    expect(result.loss).toBe(140)
    expect(result.gradients).toEqual({})
    expect(result.rows).toHaveLength(1)
    expect([...result.rows[0]!.indices]).toEqual([2, 0, 2])
    expect([...result.rows[0]!.gradient]).toEqual([1, 2, 3])
    await step.close()
  })

  it('refuses arrays that do not fill their shape, and shapes that do not fit', async () => {
    const spec: NetworkSpec = { name: 'small', parameters: { a: [2, 2] }, inputs: {} }
    const step = await compileStep(spec, (ops, p) => ops.reshape(ops.sum(ops.reshape(p.a!, [4]), 0), []), 1)
    await expect(step.run({ a: new Float32Array(3) }, {})).rejects.toThrow('a has 3 values; expected 4 for [2,2]')
    await step.close()
    const wrong = compileStep(spec, (ops, p) => ops.matMul(p.a!, ops.constant(new Float32Array(3), [3, 1])), 1)
    await expect(wrong).rejects.toThrow('Cannot multiply [2,2] by [3,1]')
  })
})
