import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { compileStep } from '../../training/backend/graph/compiled-step.ts'
import { GraphOptimiser } from '../../training/backend/graph/graph-optimiser.ts'
import { createRandom } from '../../training/backend/random.ts'
import { historyOf } from '../../training/datasets/interactions.ts'
import { openSuite } from '../../training/datasets/open-suite.ts'
import { packWindows } from '../../training/datasets/packed-windows.ts'
import { SharedNegatives } from '../../training/datasets/shared-negatives.ts'
import { dropoutMasks, sequentialBatches } from '../../training/networks/sequential-batches.ts'
import { createParameters, sequentialLoss, trainingSpec } from '../../training/networks/sequential-network.ts'
import { candidateCount, sequentialOptionsSchema } from '../../training/networks/sequential-options.ts'
import { startPython } from '../python-side.ts'

// One training step of the sequential network against PyTorch: same architecture, data, loss, batch and optimiser, in turns: while one
// side works the other sleeps. See README.md.

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    venv: { type: 'string', default: join(os.tmpdir(), 'contentflow-bench-sequential') },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    size: { type: 'string' },
    negatives: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(flags.rounds)
const steps = Number(flags.steps)
const threads = Number(flags.threads)
const options = sequentialOptionsSchema.parse({
  ...(flags.size !== undefined && { embeddingSize: Number(flags.size) }),
  ...(flags.negatives !== undefined && { negatives: Number(flags.negatives) }),
})

const { interactions } = await openSuite('ml1m', flags.data)
const sequences = interactions.users.map((_, user) => historyOf(interactions, user))
const itemCount = interactions.items.length
const shape = { ...options, itemCount }
const negatives = candidateCount(options, itemCount)
const random = createRandom(1)

interface Measured {
  /** Of one step. */
  readonly seconds: number
  readonly cpuSeconds: number
  readonly loss: number
}

/** Batches, forward, backward and Adam: all that a step of the training does. */
async function ourSide(): Promise<() => Promise<Measured>> {
  const counts = new Float32Array(itemCount)
  for (const item of interactions.itemIndices) counts[item]!++
  const parameters = createParameters(shape, random, 0.05)
  const optimiser = new GraphOptimiser(parameters, { items: options.embeddingSize })
  const windows = options.batchWindows
  const masks = dropoutMasks(windows * options.windowLength * options.embeddingSize, options.dropout, random)
  const spec = trainingSpec(shape, { windows, negatives })
  const step = await compileStep(spec, (ops, p, i) => sequentialLoss(ops, p, i, shape), threads)
  const epoch = () =>
    sequentialBatches(sequences, new SharedNegatives(counts), masks, shape, { ...options, windows, negatives }, random)
  let batches = epoch()
  return async () => {
    const cpu = process.cpuUsage()
    const started = performance.now()
    let loss = 0
    for (let i = 0; i < steps; i++) {
      let next = batches.next()
      if (next.done === true) {
        batches = epoch()
        next = batches.next()
      }
      const result = await step.run(parameters, next.value!.inputs)
      optimiser.update(result, options.learningRate)
      loss += result.loss / steps
    }
    const { user, system } = process.cpuUsage(cpu)
    return { seconds: (performance.now() - started) / 1000 / steps, cpuSeconds: (user + system) / 1e6 / steps, loss }
  }
}

/** PyTorch on the windows of one epoch of ours, through a file of three int32 matrices: inputs, targets, sequences. */
function startPyTorch(folder: string) {
  const packed = packWindows(sequences, options.windowLength, random)
  const windows = join(folder, 'windows.i32')
  const columns = [packed.inputs, packed.targets, packed.sequences]
  writeFileSync(windows, Buffer.concat(columns.map(({ buffer }) => Buffer.from(buffer))))
  const side = startPython(
    flags.venv,
    join(import.meta.dirname, 'sequential-requirements.txt'),
    join(import.meta.dirname, 'sequential.py'),
    { ...options, negatives, items: itemCount, threads, windows },
  )
  return {
    async measure(): Promise<Measured> {
      const { seconds, cpuSeconds, loss } = (await side.ask({ steps })) as Measured
      return { seconds: seconds / steps, cpuSeconds: cpuSeconds / steps, loss }
    },
    close: () => side.close(),
  }
}

const folder = mkdtempSync(join(os.tmpdir(), 'sequential-'))
const ours: Measured[] = []
const theirs: Measured[] = []
try {
  const ourStep = await ourSide()
  const pyTorch = startPyTorch(folder)
  // The first turn of each warms up, and is thrown away.
  for (let round = 0; round <= rounds; round++) {
    const [our, their] = [await ourStep(), await pyTorch.measure()]
    if (round === 0) continue
    ours.push(our)
    theirs.push(their)
  }
  await pyTorch.close()
} finally {
  rmSync(folder, { recursive: true })
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const summary = (of: readonly Measured[]) => {
  const stepsPerEpoch =
    (interactions.itemIndices.length - sequences.length) / (options.batchWindows * options.windowLength)
  return {
    epochSeconds: median(of.map(({ seconds }) => seconds)) * stepsPerEpoch,
    epochCpuSeconds: median(of.map(({ cpuSeconds }) => cpuSeconds)) * stepsPerEpoch,
    stepMilliseconds: of.map(({ seconds }) => Math.round(seconds * 1e4) / 10),
    loss: of.at(-1)!.loss,
  }
}
const [our, reference] = [summary(ours), summary(theirs)]
const ratio = reference.epochSeconds / our.epochSeconds
const cpuRatio = reference.epochCpuSeconds / our.epochCpuSeconds
if (flags.json) {
  process.stdout.write(
    `${JSON.stringify({ options, rounds, steps, threads, ours: our, reference, ratio, cpuRatio })}\n`,
  )
} else {
  const line = (name: string, { epochSeconds, epochCpuSeconds, loss, stepMilliseconds }: typeof our): string =>
    `${name.padEnd(14)} ${epochSeconds.toFixed(1).padStart(8)} ${epochCpuSeconds.toFixed(1).padStart(8)} ${loss.toFixed(3).padStart(8)}   ${stepMilliseconds.join(' ')}`
  process.stdout.write(
    `${[
      `Sequential network, ${options.embeddingSize} wide, ${negatives} candidates, ${threads} threads, ${rounds} rounds of ${steps} steps`,
      `${''.padEnd(14)}  s/epoch    CPU s     loss   ms a step in each round`,
      line('ours', our),
      line('PyTorch', reference),
      `ours ÷ PyTorch in speed: ${ratio.toFixed(2)}× (of CPU time ${cpuRatio.toFixed(2)}×)`,
    ].join('\n')}\n`,
  )
}
