import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import type { NeuMfShape, NeuMfWeights } from '../../../training/networks/neu-mf.ts'
import {
  type NeuMfTrainingOptions,
  type TrainingEnvironment,
  trainNeuMf,
} from '../../../training/networks/train-neu-mf.ts'
import { checkerboard } from '../checkerboard.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'neu-mf-'))
})
afterEach(() => rm(dir, { recursive: true }))

const data = groupByUser(checkerboard(40, 30), { minInteractions: 1, firstOnly: true })
const split = splitLeaveLast(data)
const shape: NeuMfShape = {
  variant: 'neu-mf',
  userCount: data.users.length,
  itemCount: data.items.length,
  gmfSize: 8,
  mlpSize: 8,
  hiddenSizes: [16, 8],
}
const options: NeuMfTrainingOptions = {
  loss: 'softmax',
  learningRate: 0.01,
  l2: 0.001,
  averaging: 0.5,
  batchSize: 32,
  negatives: 4,
  recencyHalfLifeDays: null,
  historyHalfLife: null,
  timeAwareNegatives: false,
  epochs: 4,
  patience: 10,
  seed: 7,
}
const environment = (changes: Partial<TrainingEnvironment> = {}): TrainingEnvironment => ({
  log: silentLogger,
  progress: silentProgress,
  signal: new AbortController().signal,
  resume: false,
  label: 'test',
  ...changes,
})
const sha256 = (weights: NeuMfWeights): string => {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of Object.values(weights.parameters))
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex')
}
const train = (changes: Partial<TrainingEnvironment> = {}, changedOptions: Partial<NeuMfTrainingOptions> = {}) =>
  trainNeuMf(split.train, split.validation, shape, { ...options, ...changedOptions }, environment(changes))

describe('trainNeuMf', () => {
  it('the same seed gives the same weights, bit for bit; another seed others', async () => {
    const first = sha256((await train()).weights)
    expect(sha256((await train()).weights)).toBe(first)
    expect(sha256((await train({}, { seed: 8 })).weights)).not.toBe(first)
  })

  it('stopped in the third epoch and resumed, gives the weights of an uninterrupted training', async () => {
    const whole = await train()
    const checkpointFile = join(dir, 'checkpoint')
    const controller = new AbortController()
    const stopped = train({
      checkpointFile,
      signal: controller.signal,
      onEpoch: (epoch) => epoch === 2 && controller.abort(),
    })
    await expect(stopped).rejects.toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('after epoch 2'),
    })
    const epochs: number[] = []
    const resumed = await train({ checkpointFile, resume: true, onEpoch: (epoch) => epochs.push(epoch) })
    expect(epochs).toEqual([3, 4])
    expect(resumed.history).toEqual(whole.history)
    expect(sha256(resumed.weights)).toBe(sha256(whole.weights))
  })

  it('refuses to resume from a training with other options', async () => {
    const checkpointFile = join(dir, 'checkpoint')
    await train({ checkpointFile }, { epochs: 1 })
    await expect(train({ checkpointFile, resume: true }, { learningRate: 0.02 })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  it('refuses a checkpoint that was cut off', async () => {
    const checkpointFile = join(dir, 'checkpoint')
    await writeFile(checkpointFile, 'xy')
    await expect(train({ checkpointFile, resume: true })).rejects.toThrow(/damaged/)
  })

  it('without a checkpoint to resume from, trains from the start', async () => {
    const { history } = await train({ checkpointFile: join(dir, 'none'), resume: true }, { epochs: 1 })
    expect(history).toHaveLength(1)
  })

  it('a loss that is no number: names step and learning rate, and the last good epoch stays in the checkpoint', async () => {
    const checkpointFile = join(dir, 'checkpoint')
    const good = await train({ checkpointFile }, { epochs: 1 })
    const before = await readFile(checkpointFile)
    await expect(train({ checkpointFile }, { learningRate: 1e30, epochs: 20, l2: 1 })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/at step \d+, in epoch 1; .*Lower learningRate \(now 1e\+30\)/),
    })
    expect(await readFile(checkpointFile)).toEqual(before)
    expect(good.history).toHaveLength(1)
  })

  it('stops when validation has not improved for `patience` epochs, and keeps the best weights', async () => {
    const { history, bestEpoch } = await train({}, { epochs: 60, patience: 2 })
    expect(history.length).toBe(bestEpoch + 2)
    const values = history.map(({ validation }) => validation!)
    expect(values[bestEpoch - 1]).toBe(Math.max(...values))
  })
})
