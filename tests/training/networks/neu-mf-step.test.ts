import { beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { type GroupedBatch, NeuMfStep } from '../../../training/backend/neu-mf-step.ts'
import { createRandom } from '../../../training/backend/random.ts'
import type { RankingLoss } from '../../../training/backend/ranking-loss.ts'
import { openBackend, type TfBackend } from '../../../training/backend/select-backend.ts'
import { createNeuMf, type NeuMfVariant, type NeuMfWeights, weightArrays } from '../../../training/networks/neu-mf.ts'
import { NeuMfRecommender } from '../../../training/networks/neu-mf-recommender.ts'

type Tf = TfBackend['tf']
type Tensor = ReturnType<Tf['ones']>

let tf: Tf
beforeAll(async () => {
  tf = (await openBackend({ prefer: 'wasm', log: silentLogger })).tf
})

// Users 0 and 2 come twice, item 3 as a positive and as a negative: gradients of one row must add up.
const batch: GroupedBatch = {
  users: Int32Array.from([0, 2, 1, 2, 0]),
  items: Int32Array.from([3, 1, 4, 0, 3, 5, 5, 2, 1, 2, 3, 0, 4, 1, 5]),
}
const groupSize = 3
const create = (variant: NeuMfVariant): NeuMfWeights =>
  createNeuMf(
    { variant, userCount: 3, itemCount: 6, gmfSize: 4, mlpSize: 4, hiddenSizes: [8, 4] },
    createRandom(3),
    0.5,
  )

/** The same loss written with TF.js ops alone, on whole tables, for TF.js to differentiate. */
function lossByOps(parameters: Tensor[], weights: NeuMfWeights, loss: RankingLoss, l2: number): Tensor {
  const { variant, gmfSize, mlpSize } = weights.shape
  const [userTable, itemTable, itemBias, ...rest] = parameters as [Tensor, Tensor, Tensor, ...Tensor[]]
  const pairs = batch.items.length
  const users = tf.tensor1d(
    Array.from(batch.items, (_, pair) => batch.users[Math.floor(pair / groupSize)]!),
    'int32',
  )
  const items = tf.tensor1d(batch.items, 'int32')
  const userRows = tf.gather(userTable, users)
  const itemRows = tf.gather(itemTable, items)
  const gmf = variant === 'mlp' ? 0 : gmfSize
  let scores = tf.gather(itemBias, items)
  if (gmf > 0) {
    const product = tf.mul(tf.slice(userRows, [0, 0], [pairs, gmf]), tf.slice(itemRows, [0, 0], [pairs, gmf]))
    scores = tf.add(scores, tf.reshape(tf.matMul(product, tf.reshape(rest.at(-2)!, [gmf, 1])), [-1]))
  }
  if (variant !== 'gmf') {
    let h = tf.concat(
      [tf.slice(userRows, [0, gmf], [pairs, mlpSize]), tf.slice(itemRows, [0, gmf], [pairs, mlpSize])],
      1,
    )
    for (let layer = 0; layer < weights.hidden.length; layer++) {
      const { inputSize, outputSize } = weights.hidden[layer]!
      h = tf.relu(tf.add(tf.matMul(h, tf.reshape(rest[2 * layer]!, [inputSize, outputSize])), rest[2 * layer + 1]!))
    }
    scores = tf.add(scores, tf.reshape(tf.matMul(h, tf.reshape(rest.at(-1)!, [-1, 1])), [-1]))
  }
  const groups = tf.reshape(scores, [batch.users.length, groupSize])
  const positive = tf.slice(groups, [0, 0], [batch.users.length, 1])
  const ranking =
    loss === 'softmax'
      ? tf.sub(tf.sum(tf.log(tf.sum(tf.exp(groups), 1))), tf.sum(positive))
      : tf.sub(tf.sum(tf.softplus(groups)), tf.sum(positive)) // softplus(z) − y·z
  const decay = tf.mul(tf.add(tf.sum(tf.square(userRows)), tf.sum(tf.square(itemRows))), l2 / 2)
  return tf.div(tf.add(ranking, decay), batch.users.length)
}

function gradientsByTape(weights: NeuMfWeights, loss: RankingLoss, l2: number): Float32Array[] {
  const { userCount, itemCount } = weights.shape
  return tf.tidy(() => {
    const tensors = weightArrays(weights).map((array, i) =>
      i < 2
        ? tf.tensor2d(array, [i === 0 ? userCount : itemCount, array.length / (i === 0 ? userCount : itemCount)])
        : tf.tensor1d(array),
    )
    const used = tensors.filter(({ size }) => size > 0)
    const withEmpty = (given: Tensor[]): Tensor[] =>
      tensors.map((tensor) => (tensor.size === 0 ? tensor : given[used.indexOf(tensor)]!))
    const gradients = tf.grads((...given: Tensor[]) => lossByOps(withEmpty(given), weights, loss, l2) as never)(used)
    return tensors.map((tensor) =>
      tensor.size === 0 ? new Float32Array() : (gradients[used.indexOf(tensor)]!.dataSync().slice() as Float32Array),
    )
  })
}

describe.each(['gmf', 'mlp', 'neu-mf'] as const)('NeuMfStep of %s', (variant) => {
  it.each(['softmax', 'bce'] as const)('with the loss %s, gradients equal those of the TF.js tape', (loss) => {
    const weights = create(variant)
    const step = new NeuMfStep(tf, weights, { loss, l2: 0.1 })
    step.computeGradients(batch)
    const expected = gradientsByTape(weights, loss, 0.1)
    for (const [i, gradient] of step.gradientArrays().entries()) {
      expect(gradient.length).toBe(expected[i]!.length)
      for (const [j, value] of gradient.entries()) expect(value).toBeCloseTo(expected[i]![j]!, 5)
    }
  })

  it('a loss that it trains on goes down', () => {
    const step = new NeuMfStep(tf, create(variant), { loss: 'softmax', l2: 0 })
    const first = step.train(batch, 0.05)
    for (let i = 0; i < 30; i++) step.train(batch, 0.05)
    expect(step.train(batch, 0.05)).toBeLessThan(first / 2)
  })

  it('training and scoring leave no tensor behind', () => {
    const weights = create(variant)
    const before = tf.memory().numTensors
    const step = new NeuMfStep(tf, weights, { loss: 'bce', l2: 0.1 })
    for (let i = 0; i < 3; i++) step.train(batch, 0.01)
    const recommender = new NeuMfRecommender(tf, weights)
    recommender.score(1, new Int32Array(), new Float32Array(6))
    recommender.close()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('NeuMfStep', () => {
  it('moves only the rows that a batch touches', () => {
    const weights = create('neu-mf')
    const before = weights.users.slice()
    new NeuMfStep(tf, weights, { loss: 'softmax', l2: 0.1 }).train(
      { users: Int32Array.from([1]), items: Int32Array.from([0, 1]) },
      0.1,
    )
    expect(weights.users.subarray(0, 8)).toEqual(before.subarray(0, 8))
    expect(weights.users.subarray(8, 16)).not.toEqual(before.subarray(8, 16))
    expect(weights.users.subarray(16)).toEqual(before.subarray(16))
  })
})
