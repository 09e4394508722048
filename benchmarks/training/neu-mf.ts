import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type GroupedBatch, NeuMfTrainer, scratchBytesOf } from '../../training/backend/neu-mf/neu-mf-trainer.ts'
import { KernelPool } from '../../training/backend/parallel/kernel-pool.ts'
import { createRandom } from '../../training/backend/random.ts'
import { openStockWasm } from '../../training/backend/select-backend.ts'
import { createNeuMf, type NeuMfShape } from '../../training/networks/neu-mf.ts'
import { startPython } from '../python-side.ts'
import { layersNetwork } from './neu-mf-layers.ts'

// Training steps of one NeuMF of ml-1m's size on the same batches: our kernels, Keras, PyTorch, and the Layers API of TF.js, in turns:
// while one works the others sleep. See README.md.

const { values: flags } = parseArgs({
  options: {
    pairs: { type: 'string', default: '8192' },
    rounds: { type: 'string', default: '7' },
    steps: { type: 'string', default: '50' },
    threads: { type: 'string', default: '2' },
    sides: { type: 'string', default: 'ours,keras,keras-xla,torch,torch-sparse,layers' },
    venv: { type: 'string', default: join(os.tmpdir(), 'contentflow-bench-neu-mf') },
    json: { type: 'boolean', default: false },
  },
})
const pairs = Number(flags.pairs)
const rounds = Number(flags.rounds)
const steps = Number(flags.steps)
const threads = Number(flags.threads)
const learningRate = 0.002
const groupSize = 16 // one positive and 15 negatives
const shape: NeuMfShape = {
  variant: 'neu-mf',
  userCount: 6040,
  itemCount: 3706,
  gmfSize: 8,
  mlpSize: 32,
  hiddenSizes: [32, 16, 8],
}

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  /** Of the last step. */
  readonly loss: number
}

interface Side {
  readonly measure: (steps: number) => Promise<Measured>
  readonly close: () => Promise<void> | void
}

const random = createRandom(1)
const batches = Array.from(
  { length: 8 },
  (): GroupedBatch => ({
    users: Int32Array.from({ length: pairs / groupSize }, () => random.int(shape.userCount)),
    items: Int32Array.from({ length: pairs }, () => random.int(shape.itemCount)),
  }),
)
const userOfPair = ({ users, items }: GroupedBatch): Int32Array =>
  items.map((_, pair) => users[Math.floor(pair / groupSize)]!)

async function timed(work: () => Promise<number>): Promise<Measured> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const loss = await work()
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6, loss }
}

/** Finding which rows a batch uses counts, too. */
function ourSide(): Side {
  const pool = KernelPool.open({ module: 'neu-mf', threads, scratchBytes: scratchBytesOf(shape, groupSize) })
  const trainer = new NeuMfTrainer(pool, shape, { loss: 'bce', l2: 0, batchSize: pairs / groupSize, groupSize })
  trainer.start(createNeuMf(shape, random))
  return {
    measure: (count) =>
      timed(async () => {
        let last = Number.NaN
        const given = Array.from({ length: count }, (_, step) => batches[step % batches.length]!)
        await trainer.train(given, learningRate, (losses) => {
          last = losses.at(-1)! / groupSize
        })
        return last
      }),
    close: () => pool.close(),
  }
}

/** Stock wasm, with the one kernel without which it cannot train embeddings. */
async function layersSide(): Promise<Side> {
  const { tf } = await openStockWasm()
  const model = layersNetwork(tf, shape, learningRate)
  const inputs = batches.map((batch) => [
    tf.tensor2d(userOfPair(batch), [pairs, 1], 'int32'),
    tf.tensor2d(batch.items, [pairs, 1], 'int32'),
  ])
  const labels = tf.tensor2d(
    Float32Array.from({ length: pairs }, (_, pair) => (pair % groupSize === 0 ? 1 : 0)),
    [pairs, 1],
  )
  return {
    measure: (count) =>
      timed(async () => {
        let loss = Number.NaN
        for (let step = 0; step < count; step++) {
          loss = (await model.trainOnBatch(inputs[step % inputs.length]!, labels)) as number
        }
        return loss
      }),
    close: () => undefined,
  }
}

function pythonSide(side: string, file: string): Side {
  const requirements = join(import.meta.dirname, 'neu-mf-requirements.txt')
  const setup = { ...shape, side, learningRate, threads, groupSize, batches: file, batchCount: batches.length }
  const { ask, close } = startPython(flags.venv, requirements, join(import.meta.dirname, 'neu-mf.py'), setup)
  return { measure: async (count) => (await ask({ steps: count })) as Measured, close }
}

const folder = mkdtempSync(join(os.tmpdir(), 'neu-mf-'))
const results = new Map<string, Measured[]>()
try {
  const file = join(folder, 'batches.i32')
  writeFileSync(
    file,
    Buffer.concat(
      batches.flatMap((batch) => [userOfPair(batch), batch.items].map(({ buffer }) => Buffer.from(buffer))),
    ),
  )
  const sides = new Map<string, Side>()
  for (const name of flags.sides.split(',')) {
    sides.set(name, name === 'ours' ? ourSide() : name === 'layers' ? await layersSide() : pythonSide(name, file))
    results.set(name, [])
    // Warms up, and is thrown away.
    await sides.get(name)!.measure(16)
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, side] of sides) {
      const count = name === 'layers' ? 3 : steps
      const { seconds, cpuSeconds, loss } = await side.measure(count)
      results.get(name)!.push({ seconds: seconds / count, cpuSeconds: cpuSeconds / count, loss })
    }
  }
  for (const side of sides.values()) await side.close()
} finally {
  rmSync(folder, { recursive: true })
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b)
const rows = [...results].map(([name, measured]) => {
  const seconds = sorted(measured.map((turn) => turn.seconds))
  return {
    name,
    millisecondsBest: seconds[0]! * 1000,
    millisecondsMedian: seconds[rounds >> 1]! * 1000,
    cpuMilliseconds: sorted(measured.map((turn) => turn.cpuSeconds))[rounds >> 1]! * 1000,
    pairsPerSecond: pairs / seconds[rounds >> 1]!,
    loss: measured.at(-1)!.loss,
  }
})
const ours = rows.find(({ name }) => name === 'ours')
/** Against the fastest of these, by medians and by the best of each; and of CPU time. */
function ratioTo(references: typeof rows) {
  if (ours === undefined || references.length === 0) return undefined
  const least = (key: 'millisecondsBest' | 'millisecondsMedian' | 'cpuMilliseconds'): number =>
    Math.min(...references.map((row) => row[key])) / ours[key]
  return { ofMedians: least('millisecondsMedian'), ofBest: least('millisecondsBest'), ofCpu: least('cpuMilliseconds') }
}
const toPython = ratioTo(rows.filter(({ name }) => name !== 'ours' && name !== 'layers'))
const toLayers = ratioTo(rows.filter(({ name }) => name === 'layers'))

if (flags.json) {
  process.stdout.write(`${JSON.stringify({ pairs, rounds, steps, threads, rows, toPython, toLayers })}\n`)
} else {
  const line = (row: (typeof rows)[number]): string =>
    `${row.name.padEnd(14)}${row.millisecondsBest.toFixed(2).padStart(9)}${row.millisecondsMedian.toFixed(2).padStart(9)}${row.cpuMilliseconds.toFixed(2).padStart(9)}${`${Math.round(row.pairsPerSecond / 1000)}k`.padStart(10)}${row.loss.toFixed(4).padStart(9)}`
  const ratio = (to: string, its: ReturnType<typeof ratioTo>): readonly string[] =>
    its === undefined
      ? []
      : [
          `ours ÷ ${to} in speed: ${its.ofMedians.toFixed(2)}× by medians, ${its.ofBest.toFixed(2)}× by the best, ${its.ofCpu.toFixed(2)}× of CPU time`,
        ]
  process.stdout.write(
    `${[
      `NeuMF, ${shape.userCount} users × ${shape.itemCount} items, ${pairs} pairs a batch, ${threads} threads, ${rounds} rounds of ${steps} steps`,
      `${''.padEnd(14)}  best ms   median   CPU ms   pairs/s     loss`,
      ...rows.map(line),
      ...ratio('the faster of Keras and PyTorch', toPython),
      ...ratio('the Layers API', toLayers),
    ].join('\n')}\n`,
  )
}
