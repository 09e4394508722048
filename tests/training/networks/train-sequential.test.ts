import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import type { FitEnvironment } from '../../../training/families/family.ts'
import type { SequentialShape } from '../../../training/networks/sequential-network.ts'
import { type SequentialOptions, sequentialOptionsSchema } from '../../../training/networks/sequential-options.ts'
import type { Parameters } from '../../../training/networks/train-network.ts'
import { trainSequential } from '../../../training/networks/train-sequential.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sequential-'))
})
afterEach(() => rm(dir, { recursive: true }))

// Twelve people walk round a circle of ten items, each from another start.
const sequences = Array.from({ length: 12 }, (_, user) => Int32Array.from({ length: 8 }, (_, i) => (user + i) % 10))
const counts = new Float32Array(10).fill(1)
const shape: SequentialShape = { itemCount: 10, embeddingSize: 8, blocks: 1, heads: 1, windowLength: 8 }
const options: SequentialOptions = sequentialOptionsSchema.parse({
  embeddingSize: 8,
  batchWindows: 3,
  negatives: 4,
  learningRate: 0.02,
  epochs: 4,
})

const train = (
  changes: Partial<FitEnvironment> = {},
  changedOptions: Partial<SequentialOptions> = {},
  judge?: (parameters: Parameters) => Promise<number>,
) =>
  trainSequential(
    { sequences, counts, ...(judge && { validation: { metric: 'figure', higherIsBetter: true, judge } }) },
    shape,
    { ...options, ...changedOptions },
    {
      seed: 5,
      log: silentLogger,
      progress: silentProgress,
      signal: new AbortController().signal,
      label: 'test',
      backend: 'wasm',
      ...changes,
    },
  )

describe('trainSequential', () => {
  it('the same seed gives the same parameters, bit for bit; another seed others', async () => {
    const { parameters } = await train()
    expect((await train()).parameters).toEqual(parameters)
    expect((await train({ seed: 6 })).parameters).not.toEqual(parameters)
  })

  it('learns: the loss of the fortieth epoch is far below that of the first', async () => {
    const losses: number[] = []
    await train({ onEpoch: (_, figures) => losses.push(figures['train/loss']!) }, { epochs: 40, dropout: 0 })
    // ln(5), one target among four negatives, is what a network that knows nothing has at most.
    expect(losses[0]).toBeGreaterThan(1)
    expect(losses[39]).toBeLessThan(losses[0]! / 3)
  })

  it('stopped in the third epoch and resumed: the parameters of an uninterrupted training', async () => {
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
    expect(resumed.parameters).toEqual(whole.parameters)
  })

  it('refuses to resume from a training with other options', async () => {
    const checkpointFile = join(dir, 'checkpoint')
    await train({ checkpointFile }, { epochs: 1 })
    await expect(train({ checkpointFile, resume: true }, { dropout: 0.5 })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('a loss that is no number: names step and learning rate, and the last good epoch stays in the checkpoint', async () => {
    const checkpointFile = join(dir, 'checkpoint')
    await train({ checkpointFile }, { epochs: 1 })
    const written = await readFile(checkpointFile)
    // A step of 1e38 leaves infinite weights, and the one after it no number.
    const broken = train({ checkpointFile }, { learningRate: 1e38 })
    await expect(broken).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/at step \d+, in epoch .* Lower learningRate \(now 1e\+38\)/),
    })
    expect(await readFile(checkpointFile)).toEqual(written)
  })

  it('stops when validation has not improved for `patience` epochs, and keeps the best', async () => {
    const figures = [0.1, 0.3, 0.2, 0.25, 0.9]
    let epoch = 0
    const { bestEpoch } = await train({}, { epochs: 9, patience: 2 }, async () => figures[epoch++]!)
    expect(bestEpoch).toBe(2)
    expect(epoch).toBe(4)
  })
})
