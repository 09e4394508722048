import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import type { FitEnvironment } from '../../../training/families/family.ts'
import { createNeuMf, type NeuMfShape, type NeuMfWeights } from '../../../training/networks/neu-mf.ts'
import { neuMfFamily } from '../../../training/networks/neu-mf-family.ts'
import { neuMfOptionsSchema } from '../../../training/networks/neu-mf-options.ts'
import { NeuMfRecommender } from '../../../training/networks/neu-mf-recommender.ts'
import { joinParts } from '../../../training/networks/pre-train-neu-mf.ts'
import { checkerboard } from '../checkerboard.ts'

const shape: NeuMfShape = {
  variant: 'neu-mf',
  userCount: 3,
  itemCount: 5,
  gmfSize: 4,
  mlpSize: 6,
  hiddenSizes: [8, 4],
}

function scoresOf(weights: NeuMfWeights): Float32Array[] {
  const recommender = NeuMfRecommender.of(weights)
  return [0, 1, 2].map((user) => {
    const scores = new Float32Array(shape.itemCount)
    recommender.score(user, new Int32Array(), scores)
    return scores
  })
}

describe('joinParts', () => {
  it('scores are the mean of those of the parts', () => {
    const random = createRandom(2)
    const parts = (['gmf', 'mlp'] as const).map((variant) => createNeuMf({ ...shape, variant }, random, 1))
    for (const { parameters } of parts) for (const i of parameters.itemBias!.keys()) parameters.itemBias![i] = i + 1
    const [gmf, mlp] = parts.map(scoresOf)
    const joined = scoresOf(joinParts(shape, parts[0]!, parts[1]!))
    for (const [user, scores] of joined.entries()) {
      for (const [item, score] of scores.entries()) {
        expect(score).toBeCloseTo((gmf![user]![item]! + mlp![user]![item]!) / 2, 5)
      }
    }
  })
})

describe('neu-mf with pre-training', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pre-train-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  const { train, validation } = splitLeaveLast(
    groupByUser(checkerboard(40, 30), { minInteractions: 1, firstOnly: true }),
  )
  const options = neuMfOptionsSchema.parse({
    gmfSize: 8,
    mlpSize: 8,
    hiddenSizes: [8],
    batchSize: 32,
    preTrainingEpochs: 3,
    epochs: 2,
  })
  const environment = (changes: Partial<FitEnvironment> = {}): FitEnvironment => ({
    seed: 1,
    signal: new AbortController().signal,
    log: silentLogger,
    progress: silentProgress,
    label: 'test',
    backend: 'wasm',
    ...changes,
  })

  it('stopped after the first epoch and resumed: the parameters of an uninterrupted fit, and no part trained anew', async () => {
    const whole = await neuMfFamily.fit({ interactions: train, validation }, options, environment())
    const checkpointFile = join(dir, 'checkpoint')
    const controller = new AbortController()
    const onEpoch = (): void => controller.abort()
    const stopped = environment({ checkpointFile, signal: controller.signal, onEpoch })
    await expect(neuMfFamily.fit({ interactions: train, validation }, options, stopped)).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    const labels = new Set<string>()
    const progress = { ...silentProgress, update: (label: string) => void labels.add(label) }
    const resuming = environment({ checkpointFile, resume: true, progress })
    const resumed = await neuMfFamily.fit({ interactions: train, validation }, options, resuming)
    expect(resumed.save().arrays).toEqual(whole.save().arrays)
    expect([...labels]).toEqual(['test'])
  })
})
