import type { InputSpec, NetworkSpec } from '../backend/graph/compiled-step.ts'
import type { Ops } from '../backend/graph/ops.ts'
import type { Random } from '../backend/random.ts'
import type { Parameters } from './train-network.ts'

/** Sizes of a tabular network. */
export interface TabularShape {
  /** Encoded numeric columns, D. */
  readonly encoded: number
  /** Vocabulary size of each categorical field; row 0 is the unknown value. */
  readonly vocabularies: readonly number[]
  /** Width of both hidden layers, H. */
  readonly hidden: number
  /** Networks in one, K: they share all matrices but the last. */
  readonly members: number
  /** T */
  readonly outputs: number
}

/** What a network starts from: see `createTabularParameters`. */
export interface TabularStart {
  /** Per field `[vocabulary, T]`, row-major; zeros where the linear model reads the field itself. */
  readonly biases: readonly Float32Array[]
}

type Named<T> = Readonly<Record<string, T>>

/** Width of a field's embedding: grows slowly with its vocabulary, at most 16. */
const embeddingSize = (vocabulary: number): number => Math.min(16, Math.ceil(1.6 * vocabulary ** 0.4))

export function tabularParameterShapes(shape: TabularShape): Named<readonly number[]> {
  const { encoded, hidden: H, members: K, outputs: T, vocabularies } = shape
  const fields = vocabularies.flatMap((size, field) => [
    [`embedding${field}`, [size, embeddingSize(size)]],
    [`widen${field}`, [embeddingSize(size), H]],
    [`bias${field}`, [size, T]],
  ])
  return {
    first: [encoded, H],
    first_scale: [K, 1, H],
    first_bias: [K, 1, H],
    second_input: [K, 1, H],
    second: [H, H],
    second_scale: [K, 1, H],
    second_bias: [K, 1, H],
    heads: [K, H, T],
    head_bias: [K, 1, T],
    ...Object.fromEntries(fields),
  }
}

/** Width of each parameter of which a batch uses rows. */
export const tabularTables = ({ vocabularies, outputs }: TabularShape): Named<number> =>
  Object.fromEntries(
    vocabularies.flatMap((size, field) => [
      [`embedding${field}`, embeddingSize(size)],
      [`bias${field}`, outputs],
    ]),
  )

/** Parameters that weight decay acts on: matrices, no biases and no scales. */
export const decayedParameters = ({ vocabularies }: TabularShape): readonly string[] => [
  'first',
  'second',
  'heads',
  ...vocabularies.map((_, field) => `widen${field}`),
]

/**
 * Fresh parameters: matrices normal as He et al. 2015 (eq. 10), which keeps the variance of activations under relu; scales of the members
 * −1 or 1, so that they differ from the first step on (Wen et al. 2020). Heads are zero: an untrained network is what it starts from.
 */
export function createTabularParameters(shape: TabularShape, start: TabularStart, random: Random): Parameters {
  const { encoded, hidden } = shape
  const embedded = shape.vocabularies.reduce((sum, size) => sum + embeddingSize(size), 0)
  const normal = (size: number, deviation: number): Float32Array =>
    Float32Array.from({ length: size }, () => deviation * random.normal())
  const fresh = (name: string, dimensions: readonly number[]): Float32Array => {
    const size = dimensions.reduce((product, length) => product * length, 1)
    const field = Number(/\d+$/.exec(name)?.[0])
    if (name === 'first' || name.startsWith('widen')) return normal(size, Math.sqrt(2 / (encoded + embedded)))
    if (name === 'second') return normal(size, Math.sqrt(2 / hidden))
    if (name.startsWith('embedding')) return normal(size, 0.1)
    if (name.startsWith('bias')) return start.biases[field]!.slice()
    if (name === 'second_scale') return new Float32Array(size).fill(1)
    if (name === 'first_scale' || name === 'second_input') {
      return Float32Array.from({ length: size }, () => (random.uniform() < 0.5 ? -1 : 1))
    }
    return new Float32Array(size)
  }
  return Object.fromEntries(
    Object.entries(tabularParameterShapes(shape)).map(([name, dimensions]) => [name, fresh(name, dimensions)]),
  )
}

/** Places where dropout acts. */
export const tabularDropout = ['drop_first', 'drop_second'] as const

/** @param rows of a batch */
export function tabularSpec(shape: TabularShape, rows: number): NetworkSpec {
  return { name: 'tabular', parameters: tabularParameterShapes(shape), inputs: inputsOf(shape, rows) }
}

/** @param dropout whether any hidden unit is left out */
export function tabularTrainingSpec(shape: TabularShape, rows: number, dropout: boolean): NetworkSpec {
  const { members, hidden, outputs } = shape
  const float = (...its: number[]): InputSpec => ({ dtype: 'float32', shape: its })
  return {
    name: 'tabular_training',
    parameters: tabularParameterShapes(shape),
    inputs: {
      ...inputsOf(shape, rows),
      targets: float(members * rows * outputs, 1),
      weights: float(members * rows * outputs, 1),
      ...(dropout && Object.fromEntries(tabularDropout.map((place) => [place, float(members, rows, hidden)]))),
    },
  }
}

const inputsOf = ({ encoded, vocabularies, outputs }: TabularShape, rows: number): Named<InputSpec> => ({
  encoded: { dtype: 'float32', shape: [rows, encoded] },
  start: { dtype: 'float32', shape: [rows, outputs] },
  ...Object.fromEntries(vocabularies.map((_, field) => [`field${field}`, { dtype: 'int32', shape: [rows] }])),
})

/**
 * K networks in one (TabM, Gorishniy et al. 2025, by the scales of BatchEnsemble, Wen et al. 2020). With x the encoded columns, e the embeddings
 * and c the categories of a row, for each member k:
 *
 * h₁ = relu(s_k ⊙ (x·W + Σᶠ eᶠ·Eᶠ) + b_k), h₂ = h₁ + relu(t_k ⊙ ((h₁ ⊙ r_k)·V) + d_k), output_k = start + Σᶠ biasᶠ[cᶠ] + h₂·w_k + β_k
 *
 * The product with x, the widest, is made once for all members.
 *
 * @param inputs `encoded` `[B, D]`, `start` `[B, T]`: what a linear model says, `field<n>` int32 `[B]`; dropout masks `[K, B, H]` while it trains
 * @returns `[K, B, T]`
 */
function tabularMembers<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, shape: TabularShape): T {
  const { members: K, hidden: H, outputs, vocabularies } = shape
  const [B = 0] = ops.shapeOf(inputs.encoded!)
  const all = B === -1 ? -1 : K * B
  const masked = (x: T, mask: T | undefined): T => (mask === undefined ? x : ops.multiply(x, mask))
  let sum = ops.matMul(inputs.encoded!, p.first!)
  let output: T = inputs.start!
  for (const field of vocabularies.keys()) {
    const categories = inputs[`field${field}`]!
    sum = ops.add(sum, ops.matMul(ops.rows(p[`embedding${field}`]!, categories), p[`widen${field}`]!))
    output = ops.add(output, ops.rows(p[`bias${field}`]!, categories))
  }
  const each = ops.multiply(ops.reshape(sum, [1, B, H]), p.first_scale!)
  const h1 = masked(ops.relu(ops.add(each, p.first_bias!)), inputs.drop_first)
  const mixed = ops.matMul(ops.reshape(ops.multiply(h1, p.second_input!), [all, H]), p.second!)
  const deep = ops.add(ops.multiply(ops.reshape(mixed, [K, B, H]), p.second_scale!), p.second_bias!)
  const h2 = ops.add(h1, masked(ops.relu(deep), inputs.drop_second))
  const own = ops.add(ops.matMul(h2, p.heads!), p.head_bias!)
  return ops.add(own, ops.reshape(output, [1, B, outputs]))
}

/** The mean of the members, `[B, T]`: standardised values, or logits. */
export function tabularOutput<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, shape: TabularShape): T {
  const mean = ops.scale(ops.sum(tabularMembers(ops, p, inputs, shape), 0), 1 / shape.members)
  return ops.reshape(mean, [ops.shapeOf(inputs.encoded!)[0]!, shape.outputs])
}

/**
 * Each member's own loss, weighted: Σ w·(output − y)² with `targets` −y, or, for classes, Σ w·ln(1 + e^(−y·logit)) with `targets` y of −1 and 1.
 *
 * @param inputs those of `tabularMembers`; `targets` and `weights` `[K·B·T, 1]`, the weights sum to 1
 * @returns a scalar
 */
export function tabularLoss<T>(
  ops: Ops<T>,
  p: Named<T>,
  inputs: Named<T>,
  shape: TabularShape,
  kind: 'regression' | 'classification',
): T {
  const [count = 0] = ops.shapeOf(inputs.targets!)
  const output = ops.reshape(tabularMembers(ops, p, inputs, shape), [count, 1])
  if (kind === 'classification') {
    // ln(1 + e^(−y·z)) is the softmax of y·z against 0.
    const zero = ops.constant(Float32Array.of(0), [1, 1])
    return ops.sampledSoftmaxLoss(output, inputs.targets!, zero, zero, inputs.weights!)
  }
  const error = ops.add(output, inputs.targets!)
  return ops.reshape(ops.sum(ops.multiply(ops.multiply(error, error), inputs.weights!), 0), [])
}
