import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { TfBackend } from '../backend/select-backend.ts'
import type { Recommender } from '../classical/recommender.ts'
import { gmfWidth, mlpWidth, type NeuMfWeights } from './neu-mf.ts'

/**
 * Scores the whole catalogue for a user. The first layer is split, [a_u ; b_i]·W = a_u·W_user + b_i·W_item, and the items' half is computed
 * once for all users.
 */
export class NeuMfRecommender implements Recommender {
  readonly name: string
  readonly #tf: TfBackend['tf']
  readonly #weights: NeuMfWeights
  /** `[items, first hidden size]`: b_i·W_item + c; undefined without a perceptron. */
  readonly #itemHalf: Tensor2D | undefined
  /** `[width]`: the mean of all users, who stands for anyone unknown. */
  readonly #everyone: Float32Array

  /** Call `close()` when done: it holds tensors. */
  constructor(tf: TfBackend['tf'], weights: NeuMfWeights) {
    this.name = weights.shape.variant
    this.#tf = tf
    this.#weights = weights
    this.#everyone = meanRow(weights.users, gmfWidth(weights.shape) + mlpWidth(weights.shape))
    const first = weights.hidden[0]
    if (first === undefined) return
    const mlp = mlpWidth(weights.shape)
    this.#itemHalf = tf.tidy(() => {
      const itemRows = tf.tensor2d(mlpRows(weights.items, weights), [weights.shape.itemCount, mlp])
      const lower = tf.tensor2d(first.weight.subarray(mlp * first.outputSize), [mlp, first.outputSize])
      return tf.add(tf.matMul(itemRows, lower), tf.tensor1d(first.bias)) as Tensor2D
    })
  }

  /** @param user below 0: anyone, the mean of all users */
  score(user: number, _history: Int32Array, scores: Float32Array): void {
    const { shape, users, itemBias } = this.#weights
    const width = gmfWidth(shape) + mlpWidth(shape)
    const row = user < 0 ? this.#everyone : users.subarray(user * width, (user + 1) * width)
    scores.set(itemBias)
    this.#addFactors(row, scores)
    if (this.#itemHalf !== undefined) this.#addPerceptron(row, this.#itemHalf, scores)
  }

  close(): void {
    this.#itemHalf?.dispose()
  }

  #addFactors(row: Float32Array, scores: Float32Array): void {
    const { shape, items, outputGmf } = this.#weights
    const gmf = gmfWidth(shape)
    if (gmf === 0) return
    const width = gmf + mlpWidth(shape)
    const factors = Float32Array.from(outputGmf, (h, j) => h * row[j]!)
    for (let item = 0; item < scores.length; item++) {
      let sum = 0
      for (let j = 0, at = item * width; j < gmf; j++, at++) sum += factors[j]! * items[at]!
      scores[item]! += sum
    }
  }

  #addPerceptron(row: Float32Array, itemHalf: Tensor2D, scores: Float32Array): void {
    const tf = this.#tf
    const { shape, hidden, outputMlp } = this.#weights
    const mlp = mlpWidth(shape)
    const first = hidden[0]!
    const start = gmfWidth(shape)
    tf.tidy(() => {
      const upper = tf.tensor2d(first.weight.subarray(0, mlp * first.outputSize), [mlp, first.outputSize])
      const userHalf = tf.matMul(tf.tensor2d(row.subarray(start, start + mlp), [1, mlp]), upper)
      let h = tf.relu(tf.add(itemHalf, userHalf)) as Tensor2D
      for (const { inputSize, outputSize, weight, bias } of hidden.slice(1)) {
        const b = tf.tensor2d(weight, [inputSize, outputSize])
        h = tf.fused.matMul({ a: h, b, bias: tf.tensor1d(bias), activation: 'relu' }) as Tensor2D
      }
      const perceptron = tf.matMul(h, tf.tensor2d(outputMlp, [outputMlp.length, 1])).dataSync()
      for (let item = 0; item < scores.length; item++) scores[item]! += perceptron[item]!
    })
  }
}

/** The MLP columns of a table as a matrix of their own. */
function mlpRows(table: Float32Array, { shape }: NeuMfWeights): Float32Array {
  const gmf = gmfWidth(shape)
  const mlp = mlpWidth(shape)
  const rows = table.length / (gmf + mlp)
  const out = new Float32Array(rows * mlp)
  for (let row = 0; row < rows; row++) {
    out.set(table.subarray(row * (gmf + mlp) + gmf, (row + 1) * (gmf + mlp)), row * mlp)
  }
  return out
}

/** The mean of the rows of a table. */
function meanRow(table: Float32Array, width: number): Float32Array {
  const sums = new Float64Array(width)
  for (let i = 0; i < table.length; i++) sums[i % width]! += table[i]!
  return Float32Array.from(sums, (sum) => (sum * width) / table.length)
}
