import type { Tensor2D } from '@tensorflow/tfjs-core'
import { gmfWidth, mlpWidth, type NeuMfWeights } from '../networks/neu-mf.ts'
import { type AdamState, adamUpdate, correctedRate, createAdamState } from './adam.ts'
import { type RankingLoss, rankingLoss } from './ranking-loss.ts'
import type { TfBackend } from './select-backend.ts'
import { SparseParameter } from './sparse-parameter.ts'

/** Positives with their negatives: group p is user users[p] and items[p·groupSize …], the positive first. */
export interface GroupedBatch {
  /** `[positives]` */
  readonly users: Int32Array
  /** `[positives, groupSize]` */
  readonly items: Int32Array
}

export interface NeuMfStepOptions {
  readonly loss: RankingLoss
  /** Weight of ½‖row‖² for each row of each pair, per positive. */
  readonly l2: number
}

/** A dense parameter in training. */
interface DenseParameter {
  readonly values: Float32Array
  readonly gradient: Float32Array
  readonly adam: AdamState
}

/**
 * One training step of NeuMF, fused: embeddings stay in typed arrays and get sparse gradients and lazy Adam; only the perceptron runs on
 * TF.js, with its backward pass written out. Two to five times the Layers API, which moves every embedding row at every step.
 *
 * Owns the optimiser's state; the weights it trains belong to the caller, and change in place.
 */
export class NeuMfStep {
  readonly #tf: TfBackend['tf']
  readonly #weights: NeuMfWeights
  readonly #options: NeuMfStepOptions
  readonly #users: SparseParameter
  readonly #items: SparseParameter
  readonly #itemBias: SparseParameter
  readonly #dense: readonly DenseParameter[]
  #steps = 0
  #x = new Float32Array(0)
  #scores = new Float32Array(0)
  #scoreGradients = new Float32Array(0)

  constructor(tf: TfBackend['tf'], weights: NeuMfWeights, options: NeuMfStepOptions) {
    const width = gmfWidth(weights.shape) + mlpWidth(weights.shape)
    this.#tf = tf
    this.#weights = weights
    this.#options = options
    this.#users = new SparseParameter(weights.users, width)
    this.#items = new SparseParameter(weights.items, width)
    this.#itemBias = new SparseParameter(weights.itemBias, 1)
    const dense = [
      ...weights.hidden.flatMap(({ weight, bias }) => [weight, bias]),
      weights.outputMlp,
      weights.outputGmf,
    ]
    this.#dense = dense.map((values) => ({
      values,
      gradient: new Float32Array(values.length),
      adam: createAdamState(values.length),
    }))
  }

  /** Steps taken so far: Adam's bias correction depends on it. */
  get steps(): number {
    return this.#steps
  }

  /** The optimiser's moments in a fixed order, for checkpoints. */
  momentArrays(): Float32Array[] {
    return [this.#users, this.#items, this.#itemBias, ...this.#dense].flatMap(({ adam }) => [adam.m, adam.v])
  }

  /** Goes on from a checkpoint whose arrays have been copied into `momentArrays()`. */
  restoreSteps(steps: number): void {
    this.#steps = steps
  }

  /**
   * Forward, backward, update.
   *
   * @returns the loss before the update, mean over positives; NaN when training has diverged
   */
  train(batch: GroupedBatch, learningRate: number): number {
    const loss = this.computeGradients(batch)
    const rate = correctedRate(learningRate, ++this.#steps)
    for (const table of [this.#users, this.#items, this.#itemBias]) table.update(rate)
    for (const { values, gradient, adam } of this.#dense) adamUpdate(values, gradient, adam, rate)
    return loss
  }

  /** Forward and backward without an update: gradients add up in `gradientArrays()`. @returns the loss */
  computeGradients(batch: GroupedBatch): number {
    const pairs = batch.items.length
    this.#allocate(pairs)
    const groupSize = pairs / batch.users.length
    const forwardLocal = (): void => this.#scoreFactors(batch, groupSize)
    if (mlpWidth(this.#weights.shape) === 0) {
      forwardLocal()
      const loss = rankingLoss(this.#options.loss, this.#scores, groupSize, this.#scoreGradients)
      this.#scatter(batch, groupSize, undefined)
      return loss
    }
    this.#gatherInputs(batch, groupSize)
    let loss = Number.NaN
    let inputGradients: Float32Array | undefined
    // Results leave the tidy through variables: returning typed arrays makes TF.js walk every element.
    this.#tf.tidy(() => {
      const activations = this.#forwardPerceptron()
      forwardLocal()
      loss = rankingLoss(this.#options.loss, this.#scores, groupSize, this.#scoreGradients)
      inputGradients = this.#backwardPerceptron(activations)
    })
    this.#scatter(batch, groupSize, inputGradients)
    return loss
  }

  /** Gradients in the order of `weightArrays`, for the test that compares them with TF.js' own. */
  gradientArrays(): Float32Array[] {
    const dense = this.#dense.map(({ gradient }) => gradient)
    const [outputMlp, outputGmf] = dense.slice(-2)
    return [
      this.#users.gradient,
      this.#items.gradient,
      this.#itemBias.gradient,
      ...dense.slice(0, -2),
      outputGmf!,
      outputMlp!,
    ]
  }

  #allocate(pairs: number): void {
    if (this.#scores.length === pairs) return
    this.#x = new Float32Array(pairs * 2 * mlpWidth(this.#weights.shape))
    this.#scores = new Float32Array(pairs)
    this.#scoreGradients = new Float32Array(pairs)
  }

  /** x[pair] = [a_u ; b_i] */
  #gatherInputs({ users, items }: GroupedBatch, groupSize: number): void {
    const { shape, users: userTable, items: itemTable } = this.#weights
    const gmf = gmfWidth(shape)
    const mlp = mlpWidth(shape)
    const width = gmf + mlp
    const x = this.#x
    let to = 0
    for (let pair = 0; pair < items.length; pair++) {
      const user = users[Math.floor(pair / groupSize)]! * width + gmf
      const item = items[pair]! * width + gmf
      for (let j = 0; j < mlp; j++) x[to++] = userTable[user + j]!
      for (let j = 0; j < mlp; j++) x[to++] = itemTable[item + j]!
    }
  }

  /** The hidden activations, input first; writes the perceptron's part of the scores. */
  #forwardPerceptron(): Tensor2D[] {
    const tf = this.#tf
    const { hidden, outputMlp, shape } = this.#weights
    const activations: Tensor2D[] = [tf.tensor2d(this.#x, [this.#scores.length, 2 * mlpWidth(shape)])]
    for (const { inputSize, outputSize, weight, bias } of hidden) {
      activations.push(
        tf.fused.matMul({
          a: activations.at(-1)!,
          b: tf.tensor2d(weight, [inputSize, outputSize]),
          bias: tf.tensor1d(bias),
          activation: 'relu',
        }) as Tensor2D,
      )
    }
    this.#scores.set(tf.matMul(activations.at(-1)!, tf.tensor2d(outputMlp, [outputMlp.length, 1])).dataSync())
    return activations
  }

  /** scores += outputGmfᵀ(p_u ⊙ q_i) + itemBias_i; without a perceptron, = */
  #scoreFactors({ users, items }: GroupedBatch, groupSize: number): void {
    const { shape, users: userTable, items: itemTable, itemBias, outputGmf } = this.#weights
    const gmf = gmfWidth(shape)
    const mlp = mlpWidth(shape)
    const width = gmf + mlp
    const scores = this.#scores
    for (let pair = 0; pair < items.length; pair++) {
      const user = users[Math.floor(pair / groupSize)]! * width
      const item = items[pair]! * width
      let score = itemBias[items[pair]!]!
      for (let j = 0; j < gmf; j++) score += outputGmf[j]! * userTable[user + j]! * itemTable[item + j]!
      scores[pair] = mlp === 0 ? score : scores[pair]! + score
    }
  }

  /** @returns the gradient with respect to x, `[pairs, 2·mlp]` */
  #backwardPerceptron(activations: readonly Tensor2D[]): Float32Array {
    const tf = this.#tf
    const { hidden, outputMlp } = this.#weights
    const last = activations.at(-1)!
    const scoreGradient = tf.tensor2d(this.#scoreGradients, [this.#scoreGradients.length, 1])
    this.#dense.at(-2)!.gradient.set(tf.matMul(last, scoreGradient, true, false).dataSync())
    let gradient = tf.matMul(scoreGradient, tf.tensor2d(outputMlp, [1, outputMlp.length])) as Tensor2D
    for (let layer = hidden.length - 1; layer >= 0; layer--) {
      const { inputSize, outputSize, weight } = hidden[layer]!
      const beforeRelu = tf.mul(gradient, tf.step(activations[layer + 1]!)) as Tensor2D
      this.#dense[2 * layer]!.gradient.set(tf.matMul(activations[layer]!, beforeRelu, true, false).dataSync())
      this.#dense[2 * layer + 1]!.gradient.set(tf.sum(beforeRelu, 0).dataSync())
      gradient = tf.matMul(beforeRelu, tf.tensor2d(weight, [inputSize, outputSize]), false, true) as Tensor2D
    }
    return gradient.dataSync() as Float32Array
  }

  /** Adds each pair's gradients to the rows of its user and its item. */
  #scatter({ users, items }: GroupedBatch, groupSize: number, inputGradients: Float32Array | undefined): void {
    const { shape, outputGmf } = this.#weights
    const gmf = gmfWidth(shape)
    const mlp = mlpWidth(shape)
    const { values: p, gradient: dp } = this.#users
    const { values: q, gradient: dq } = this.#items
    const outputGradient = this.#dense.at(-1)!.gradient
    const decay = this.#options.l2 / users.length
    for (let pair = 0; pair < items.length; pair++) {
      const userIndex = users[Math.floor(pair / groupSize)]!
      const itemIndex = items[pair]!
      const g = this.#scoreGradients[pair]!
      this.#users.touch(userIndex)
      this.#items.touch(itemIndex)
      this.#itemBias.touch(itemIndex)
      this.#itemBias.gradient[itemIndex]! += g
      let user = userIndex * (gmf + mlp)
      let item = itemIndex * (gmf + mlp)
      for (let j = 0; j < gmf; j++, user++, item++) {
        const h = outputGmf[j]!
        const pu = p[user]!
        const qi = q[item]!
        dp[user]! += g * h * qi + decay * pu
        dq[item]! += g * h * pu + decay * qi
        outputGradient[j]! += g * pu * qi
      }
      if (inputGradients === undefined) continue
      const x = pair * 2 * mlp
      for (let j = 0; j < mlp; j++, user++, item++) {
        dp[user]! += inputGradients[x + j]! + decay * p[user]!
        dq[item]! += inputGradients[x + mlp + j]! + decay * q[item]!
      }
    }
  }
}
