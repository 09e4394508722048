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
  /** outputGmf ⊙ p_u and Σ g·q_i of the group at hand. */
  readonly #userFactors: Float64Array
  readonly #groupSum: Float64Array
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
    this.#userFactors = new Float64Array(gmfWidth(weights.shape))
    this.#groupSum = new Float64Array(gmfWidth(weights.shape))
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
    for (let p = 0; p < users.length; p++) {
      const user = users[p]! * width + gmf
      for (let pair = p * groupSize; pair < (p + 1) * groupSize; pair++) {
        const item = items[pair]! * width + gmf
        for (let j = 0; j < mlp; j++) x[to++] = userTable[user + j]!
        for (let j = 0; j < mlp; j++) x[to++] = itemTable[item + j]!
      }
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
    const weighted = this.#userFactors
    for (let p = 0; p < users.length; p++) {
      const user = users[p]! * width
      for (let j = 0; j < gmf; j++) weighted[j] = outputGmf[j]! * userTable[user + j]!
      for (let pair = p * groupSize; pair < (p + 1) * groupSize; pair++) {
        const item = items[pair]! * width
        let score = itemBias[items[pair]!]!
        for (let j = 0; j < gmf; j++) score += weighted[j]! * itemTable[item + j]!
        scores[pair] = mlp === 0 ? score : scores[pair]! + score
      }
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
    const { shape } = this.#weights
    const width = gmfWidth(shape) + mlpWidth(shape)
    for (let p = 0; p < users.length; p++) {
      const user = users[p]!
      this.#users.touch(user)
      for (let pair = p * groupSize; pair < (p + 1) * groupSize; pair++) {
        const item = items[pair]!
        this.#items.touch(item)
        this.#itemBias.touch(item)
        this.#itemBias.gradient[item]! += this.#scoreGradients[pair]!
      }
      this.#scatterFactors(user * width, items, p * groupSize, groupSize)
      if (inputGradients !== undefined)
        this.#scatterInputs(user * width, items, p * groupSize, groupSize, inputGradients)
    }
    this.#addDecay({ users, items }, groupSize)
  }

  /**
   * One group of the GMF part: with g the score gradient of a pair, dq_i += g·h⊙p_u; and with v = Σ g·q_i over the group,
   * dp_u += h⊙v and dh += p_u⊙v.
   */
  #scatterFactors(user: number, items: Int32Array, start: number, groupSize: number): void {
    const { shape, outputGmf } = this.#weights
    const gmf = gmfWidth(shape)
    const width = gmf + mlpWidth(shape)
    const { values: p, gradient: dp } = this.#users
    const { values: q, gradient: dq } = this.#items
    const weighted = this.#userFactors
    const sum = this.#groupSum
    for (let j = 0; j < gmf; j++) {
      weighted[j] = outputGmf[j]! * p[user + j]!
      sum[j] = 0
    }
    for (let pair = start; pair < start + groupSize; pair++) {
      const g = this.#scoreGradients[pair]!
      const item = items[pair]! * width
      for (let j = 0; j < gmf; j++) {
        dq[item + j]! += g * weighted[j]!
        sum[j]! += g * q[item + j]!
      }
    }
    const outputGradient = this.#dense.at(-1)!.gradient
    for (let j = 0; j < gmf; j++) {
      dp[user + j]! += outputGmf[j]! * sum[j]!
      outputGradient[j]! += p[user + j]! * sum[j]!
    }
  }

  /** One group of the MLP part: its input's gradient, [da_u ; db_i] for each pair. */
  #scatterInputs(
    user: number,
    items: Int32Array,
    start: number,
    groupSize: number,
    inputGradients: Float32Array,
  ): void {
    const { shape } = this.#weights
    const gmf = gmfWidth(shape)
    const mlp = mlpWidth(shape)
    const { gradient: dp } = this.#users
    const { gradient: dq } = this.#items
    let x = start * 2 * mlp
    for (let pair = start; pair < start + groupSize; pair++) {
      const item = items[pair]! * (gmf + mlp) + gmf
      for (let j = 0; j < mlp; j++) dp[user + gmf + j]! += inputGradients[x++]!
      for (let j = 0; j < mlp; j++) dq[item + j]! += inputGradients[x++]!
    }
  }

  /** Weight decay: each row once for each pair it is in. */
  #addDecay({ users, items }: GroupedBatch, groupSize: number): void {
    const decay = this.#options.l2 / users.length
    if (decay === 0) return
    for (const user of users) this.#users.addDecay(user, decay * groupSize)
    for (const item of items) this.#items.addDecay(item, decay)
  }
}
