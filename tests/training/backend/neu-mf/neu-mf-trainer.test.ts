import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../log.ts'
import { tfOps } from '../../../../training/backend/graph/tf-ops.ts'
import { networkArrays } from '../../../../training/backend/neu-mf/network-memory.ts'
import {
  type GroupedBatch,
  NeuMfTrainer,
  type RankingLoss,
  scratchBytesOf,
} from '../../../../training/backend/neu-mf/neu-mf-trainer.ts'
import { KernelPool } from '../../../../training/backend/parallel/kernel-pool.ts'
import { createRandom } from '../../../../training/backend/random.ts'
import { openBackend, type TfBackend } from '../../../../training/backend/select-backend.ts'
import {
  createNeuMf,
  type NeuMfShape,
  type NeuMfVariant,
  type NeuMfWeights,
  parameterShapes,
  scorePairs,
} from '../../../../training/networks/neu-mf.ts'

type Tf = TfBackend['tf']
type Tensor = ReturnType<Tf['ones']>
type Scalar = ReturnType<Tf['scalar']>

let tf: Tf
beforeAll(async () => {
  tf = (await openBackend({ prefer: 'wasm', log: silentLogger })).tf
})
const pools: KernelPool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

// Users 0 and 2 come twice, item 3 as a positive and as a negative: gradients of one row must add up.
const small: GroupedBatch = {
  users: Int32Array.from([0, 2, 1, 2, 0]),
  items: Int32Array.from([3, 1, 4, 0, 3, 5, 5, 2, 1, 2, 3, 0, 4, 1, 5]),
}
const sizes = { userCount: 3, itemCount: 6, gmfSize: 8, mlpSize: 8, hiddenSizes: [16, 8] }

/** Groups of other sizes than blocks and vectors have. */
function randomBatch(groups: number, groupSize: number): GroupedBatch {
  const random = createRandom(4)
  return {
    users: Int32Array.from({ length: groups }, () => random.int(40)),
    items: Int32Array.from({ length: groups * groupSize }, () => random.int(70)),
  }
}
const large = { userCount: 40, itemCount: 70 }

const create = (shape: NeuMfShape): NeuMfWeights => {
  const weights = createNeuMf(shape, createRandom(3), 0.5)
  // Biases start at 0, where a forgotten one would not show.
  const random = createRandom(5)
  for (const [name, values] of Object.entries(weights.parameters)) {
    if (name.startsWith('bias') || name === 'itemBias') for (const i of values.keys()) values[i] = 0.1 * random.normal()
  }
  return weights
}

interface Setting {
  readonly loss: RankingLoss
  readonly l2: number
  readonly batch: GroupedBatch
  readonly threads?: number
}

function open(weights: NeuMfWeights, { loss, l2, batch, threads = 1 }: Setting): NeuMfTrainer {
  const groupSize = batch.items.length / batch.users.length
  const pool = KernelPool.open({ module: 'neu-mf', threads, scratchBytes: scratchBytesOf(weights.shape, groupSize) })
  pools.push(pool)
  const trainer = new NeuMfTrainer(pool, weights.shape, { loss, l2, batchSize: batch.users.length, groupSize })
  trainer.start(weights)
  return trainer
}

/** @returns the loss of each step */
async function train(trainer: NeuMfTrainer, batches: readonly GroupedBatch[], learningRate: number): Promise<number[]> {
  const all: number[] = []
  await trainer.train(batches, learningRate, (losses) => all.push(...losses))
  return all
}

/** The same loss by the network's own definition and TF.js ops, for TF.js to differentiate. */
function lossByOps(names: string[], given: Tensor[], { batch, loss, l2 }: Setting): Tensor {
  const p = Object.fromEntries(names.map((name, i) => [name, given[i]!]))
  const positives = batch.users.length
  const groupSize = batch.items.length / positives
  const userOfPair = Int32Array.from(batch.items, (_, pair) => batch.users[Math.floor(pair / groupSize)]!)
  const [users, items] = [tf.tensor1d(userOfPair, 'int32'), tf.tensor1d(batch.items, 'int32')]
  const groups = tf.reshape(scorePairs(tfOps(tf), p, users, items), [positives, groupSize])
  const positive = tf.slice(groups, [0, 0], [positives, 1])
  const ranking =
    loss === 'softmax'
      ? tf.sub(tf.sum(tf.log(tf.sum(tf.exp(groups), 1))), tf.sum(positive))
      : tf.sub(tf.sum(tf.softplus(groups)), tf.sum(positive)) // softplus(z) − y·z
  const rows = [
    [p.userFactors, users],
    [p.userInputs, users],
    [p.itemFactors, items],
    [p.itemInputs, items],
  ] as const
  const squares = rows.flatMap(([table, of]) => (table ? [tf.sum(tf.square(tf.gather(table, of)))] : []))
  return tf.div(tf.add(ranking, tf.mul(tf.addN(squares as never), l2 / 2)), positives)
}

function lossAndGradientsByTape(weights: NeuMfWeights, setting: Setting) {
  const shapes = Object.entries(parameterShapes(weights.shape))
  const names = shapes.map(([name]) => name)
  return tf.tidy(() => {
    const tensors = shapes.map(([name, shape]) => tf.tensor2d(weights.parameters[name]!, [...shape]))
    const { value, grads } = tf.valueAndGrads((...given: Tensor[]) => lossByOps(names, given, setting) as Scalar)(
      tensors,
    )
    const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!.dataSync().slice() as Float32Array]))
    const decay = lossByOps(names, tensors, { ...setting, l2: 0 })
    return { loss: value.dataSync()[0]!, gradients, lossWithoutDecay: decay.dataSync()[0]! }
  })
}

/** By name, in a network whose widths are multiples of 8 already; after the first step the first moment is 0.1 of the gradient. */
function gradientsOf(trainer: NeuMfTrainer): Record<string, Float32Array> {
  const { arrays, parameters } = trainer.network
  const moments = trainer.firstMoments()
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { byteOffset, byteLength, length }]) => {
      const at = networkArrays(arrays).findIndex(
        (array) => byteOffset >= array.byteOffset && byteOffset + byteLength <= array.byteOffset + array.byteLength,
      )
      const from = (byteOffset - networkArrays(arrays)[at]!.byteOffset) / 4
      return [name, moments[at]!.slice(from, from + length).map((moment) => 10 * moment)]
    }),
  )
}

async function expectGradientsOfTape(shape: NeuMfShape, setting: Setting): Promise<void> {
  const weights = create(shape)
  const expected = lossAndGradientsByTape(weights, setting)
  const trainer = open(weights, setting)
  const [loss] = await train(trainer, [setting.batch], 0.01)
  expect(loss).toBeCloseTo(expected.lossWithoutDecay, 5)
  const gradients = gradientsOf(trainer)
  expect(Object.keys(gradients).sort()).toEqual(Object.keys(expected.gradients).sort())
  for (const [name, gradient] of Object.entries(gradients)) {
    for (const [j, value] of gradient.entries()) {
      expect(Math.abs(value - expected.gradients[name]![j]!), `${name}[${j}]`).toBeLessThan(1e-5)
    }
  }
}

const variants: readonly NeuMfVariant[] = ['gmf', 'mlp', 'neu-mf']

describe.each(variants)('NeuMfTrainer of %s', (variant) => {
  it.each(['softmax', 'bce'] as const)('with the loss %s, gradients equal those of the TF.js tape', async (loss) => {
    await expectGradientsOfTape({ ...sizes, variant }, { loss, l2: 0.1, batch: small })
  })

  it.each([
    [37, 13],
    [3, 70],
    [50, 2],
  ])('with %i groups of %i pairs and one to three layers, gradients equal those of the tape', async (groups, size) => {
    for (const hiddenSizes of [[8], [32, 16, 8]]) {
      const shape = { ...large, variant, gmfSize: 16, mlpSize: 24, hiddenSizes }
      await expectGradientsOfTape(shape, { loss: 'softmax', l2: 0.01, batch: randomBatch(groups, size) })
    }
  })

  it('on one thread and on three: the same weights, bit for bit', async () => {
    const batch = randomBatch(60, 7)
    const weights = create({ ...large, variant, gmfSize: 8, mlpSize: 8, hiddenSizes: [16, 8] })
    const states: Float32Array[][] = []
    for (const threads of [1, 3]) {
      const trainer = open(weights, { loss: 'softmax', l2: 0.1, batch, threads })
      await train(
        trainer,
        Array.from({ length: 20 }, () => batch),
        0.01,
      )
      states.push(trainer.stateArrays())
    }
    expect(states[1]).toEqual(states[0])
  })

  it('widths that are no multiples of 8: learns as the tape does, and what fills them up stays 0', async () => {
    const shape = { ...large, variant, gmfSize: 3, mlpSize: 5, hiddenSizes: [6, 4] }
    const setting: Setting = { loss: 'bce', l2: 0.1, batch: randomBatch(9, 3) }
    const weights = create(shape)
    const trainer = open(weights, setting)
    const [loss] = await train(trainer, [setting.batch], 0.01)
    expect(loss).toBeCloseTo(lossAndGradientsByTape(weights, setting).lossWithoutDecay, 5)
    await train(trainer, [setting.batch, setting.batch], 0.01)
    const filled = Object.entries(parameterShapes(trainer.network.shape)).flatMap(([name, [, columns]]) => {
      const width = parameterShapes(shape)[name]![1]
      return Array.from(trainer.network.parameters[name]!).filter((_, i) => i % columns >= width)
    })
    expect(filled.every((value) => value === 0)).toBe(true)
  })

  it('a loss that it trains on goes down', async () => {
    const trainer = open(create({ ...sizes, variant }), { loss: 'softmax', l2: 0, batch: small })
    const losses = await train(
      trainer,
      Array.from({ length: 32 }, () => small),
      0.05,
    )
    expect(losses).toHaveLength(32)
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
  })
})

describe('NeuMfTrainer', () => {
  it('moves only the rows that a batch uses', async () => {
    const weights = create({ ...sizes, variant: 'neu-mf' })
    const batch = { users: Int32Array.from([1]), items: Int32Array.from([0, 1]) }
    const trainer = open(weights, { loss: 'softmax', l2: 0.1, batch })
    await train(trainer, [batch], 0.1)
    const [before, after] = [weights.parameters.userFactors!, trainer.network.parameters.userFactors!]
    expect(after.subarray(0, 8)).toEqual(before.subarray(0, 8))
    expect(after.subarray(8, 16)).not.toEqual(before.subarray(8, 16))
    expect(after.subarray(16)).toEqual(before.subarray(16))
  })
})
