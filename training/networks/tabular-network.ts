import type * as tfjs from '@tensorflow/tfjs-core'
import type { Random } from '../backend/random.ts'

export type Tf = typeof tfjs

/** Sizes of a tabular network. */
export interface TabularShape {
  /** Encoded numeric columns, D. */
  readonly encoded: number
  /** The first of them that the linear path reads, L ≤ D. */
  readonly linear: number
  /** Vocabulary size of each categorical field; row 0 is the unknown value. */
  readonly vocabularies: readonly number[]
  /** Width of both hidden layers, H. */
  readonly hidden: number
  /** T */
  readonly outputs: number
}

export interface Parameter {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Weights of one network by name; see `createTabularParameters`. */
export type Parameters = ReadonlyMap<string, Parameter>

/** The linear model that a network starts from. */
export interface LinearStart {
  /** `[L, T]`, row-major */
  readonly skip: Float32Array
  /** `[T]` */
  readonly intercept: Float32Array
  /** Per field `[vocabulary, T]`, row-major; zeros where the linear model does not read the field. */
  readonly biases: readonly Float32Array[]
}

/** Width of a field's embedding: grows slowly with its vocabulary, at most 16. */
const embeddingSize = (vocabulary: number): number => Math.min(16, Math.ceil(1.6 * vocabulary ** 0.4))

/**
 * Fresh weights. With x the encoded columns, e the concatenated embeddings and c the category of each field:
 *
 * h₁ = relu(x·w1 + e·e1 + b1), h₂ = h₁ + relu(h₁·w2 + b2), output = h₂·w3 + b3 + x[:, :L]·skip + Σ biasᶠ[cᶠ]
 *
 * `skip`, `b3` and the biases start at a linear model of the same columns, and w3 at zero: an untrained network *is* that linear
 * model, and training adds to it. `skip` stays as it is.
 */
export function createTabularParameters(shape: TabularShape, start: LinearStart, random: Random): Parameters {
  const { hidden, outputs } = shape
  const embedded = shape.vocabularies.reduce((sum, size) => sum + embeddingSize(size), 0)
  // He et al. 2015, eq. 10: keeps the variance of activations under relu.
  const he = (rows: number, columns: number, inputs: number): Parameter => ({
    shape: [rows, columns],
    data: Float32Array.from({ length: rows * columns }, () => random.normal() * Math.sqrt(2 / inputs)),
  })
  const zeros = (...sizes: number[]): Parameter => ({
    shape: sizes,
    data: new Float32Array(sizes.reduce((a, b) => a * b, 1)),
  })
  const parameters = new Map<string, Parameter>([
    ['w1', he(shape.encoded, hidden, shape.encoded + embedded)],
    ['b1', zeros(hidden)],
    ['w2', he(hidden, hidden, hidden)],
    ['b2', zeros(hidden)],
    ['w3', zeros(hidden, outputs)],
    ['b3', { shape: [outputs], data: start.intercept.slice() }],
    ['skip', { shape: [shape.linear, outputs], data: start.skip.slice() }],
  ])
  if (embedded > 0) parameters.set('e1', he(embedded, hidden, shape.encoded + embedded))
  shape.vocabularies.forEach((size, field) => {
    const width = embeddingSize(size)
    const data = Float32Array.from({ length: size * width }, () => random.normal() * 0.1)
    parameters.set(`embedding${field}`, { shape: [size, width], data })
    parameters.set(`bias${field}`, { shape: [size, outputs], data: start.biases[field]!.slice() })
  })
  return parameters
}

/** Names of the weights that training moves. */
export const trainableNames = (parameters: Parameters): readonly string[] =>
  [...parameters.keys()].filter((name) => name !== 'skip')

/**
 * The network's outputs for a batch; `[B, T]`, logits or standardised values.
 *
 * @param weights    a tensor per parameter
 * @param encoded    `[B, D]`
 * @param categories int32 `[B]` per field
 * @param masks      dropout masks `[B, H]` for both hidden layers, already scaled; absent when predicting
 */
export function tabularForward(
  tf: Tf,
  weights: Readonly<Record<string, tfjs.Tensor>>,
  encoded: tfjs.Tensor2D,
  categories: readonly tfjs.Tensor1D[],
  masks?: readonly [tfjs.Tensor2D, tfjs.Tensor2D],
): tfjs.Tensor2D {
  const matrix = (name: string): tfjs.Tensor2D => weights[name] as tfjs.Tensor2D
  let sum = tf.add(tf.matMul(encoded, matrix('w1')), weights.b1!)
  if (categories.length > 0) {
    const embedded = categories.map((index, field) => tf.gather(matrix(`embedding${field}`), index))
    sum = tf.add(sum, tf.matMul(tf.concat(embedded, 1) as tfjs.Tensor2D, matrix('e1')))
  }
  let h1 = tf.relu(sum) as tfjs.Tensor2D
  if (masks !== undefined) h1 = tf.mul(h1, masks[0])
  let step = tf.relu(tf.add(tf.matMul(h1, matrix('w2')), weights.b2!)) as tfjs.Tensor2D
  if (masks !== undefined) step = tf.mul(step, masks[1])
  const h2 = tf.add(h1, step) as tfjs.Tensor2D
  const linear = tf.slice(encoded, [0, 0], [-1, weights.skip!.shape[0]!]) as tfjs.Tensor2D
  let output = tf.add(tf.add(tf.matMul(h2, matrix('w3')), weights.b3!), tf.matMul(linear, matrix('skip')))
  categories.forEach((index, field) => {
    output = tf.add(output, tf.gather(matrix(`bias${field}`), index))
  })
  return output as tfjs.Tensor2D
}
