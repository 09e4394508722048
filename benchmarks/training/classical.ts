import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { silentLogger } from '../../log.ts'
import { openSuite } from '../../training/datasets/open-suite.ts'
import { loadFamily } from '../../training/families/all-families.ts'
import type { FitEnvironment } from '../../training/families/family.ts'

// iALS, item-kNN and EASE against the Python libraries on the same matrix, in turns: while one side works the other sleeps. See README.md.

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data/ml1m_sequences' },
    venv: { type: 'string', default: join(os.tmpdir(), 'contentflow-bench-classical') },
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(flags.rounds)
const epochs = Number(flags.epochs)

/** Seconds of each repeat: of an iteration for iALS, of a fit for the others. */
interface Times {
  readonly wall: number[]
  readonly cpu: number[]
}

interface Task {
  readonly title: string
  readonly family: string
  readonly options: Readonly<Record<string, unknown>>
  /** What classical.py is asked to do. */
  readonly reference: Readonly<Record<string, unknown>>
}

const ials = (size: number): Task => ({
  title: `iALS, ${size} factors, one iteration`,
  family: 'ials',
  options: { embeddingSize: size, epochs },
  reference: { name: 'ials', size, epochs },
})
const allTasks: readonly Task[] = [
  ials(64),
  ials(128),
  { title: 'item-kNN, cosine, k 20', family: 'item-knn', options: { k: 20 }, reference: { name: 'item-knn' } },
  { title: 'EASE, λ 300', family: 'ease', options: { l2: 300 }, reference: { name: 'ease' } },
]

const tasks = allTasks.filter(({ family }) => flags.only === undefined || flags.only.split(',').includes(family))

const { interactions } = await openSuite('ml1m', flags.data)

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** One fit; of iALS the time between one iteration's end and the next. */
async function measureOurs({ family: name, options }: Task): Promise<Times> {
  const stamps: [number, number][] = []
  const stamp = (): void => void stamps.push([performance.now() / 1000, cpuSeconds()])
  const environment: FitEnvironment = {
    seed: 1,
    signal: new AbortController().signal,
    log: silentLogger,
    progress: { update: name === 'ials' ? stamp : () => undefined, done: () => undefined },
    label: name,
    backend: 'wasm',
  }
  const family = await loadFamily(name)
  if (name !== 'ials') stamp()
  const model = await family.fit({ interactions }, family.config.parse(options), environment)
  if (name !== 'ials') stamp()
  model.close()
  const steps = stamps.slice(1).map((after, i) => [after[0] - stamps[i]![0], after[1] - stamps[i]![1]] as const)
  return { wall: steps.map(([wall]) => wall), cpu: steps.map(([, cpu]) => cpu) }
}

/** The Python of the benchmark's own environment, made at its first use. */
function python(venv: string): string {
  const executable = join(venv, 'bin', 'python')
  if (!existsSync(executable)) {
    const requirements = join(import.meta.dirname, 'classical-requirements.txt')
    execFileSync('python3', ['-m', 'venv', venv], { stdio: ['ignore', 2, 2] })
    execFileSync(executable, ['-m', 'pip', 'install', '-q', '-r', requirements], { stdio: ['ignore', 2, 2] })
  }
  return executable
}

/** Asks the reference for one task, and waits for its line. */
async function measureReference(
  child: ChildProcess,
  lines: AsyncIterator<string>,
  { reference }: Task,
): Promise<Times> {
  child.stdin!.write(`${JSON.stringify(reference)}\n`)
  const { value, done } = await lines.next()
  if (done) throw new Error('classical.py ended; its last words are above.')
  return JSON.parse(value) as Times
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const summary = ({ wall, cpu }: Times) => ({ best: Math.min(...wall), median: median(wall), cpu: median(cpu), wall })
const append = (to: Times, { wall, cpu }: Times): void => {
  to.wall.push(...wall)
  to.cpu.push(...cpu)
}

const child = spawn(
  python(flags.venv),
  [join(import.meta.dirname, 'classical.py'), join(flags.data, 'sequences.txt'), String(os.availableParallelism())],
  { stdio: ['pipe', 'pipe', 'inherit'] },
)
const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
const measured = tasks.map((task) => ({
  task,
  ours: { wall: [], cpu: [] } as Times,
  theirs: { wall: [], cpu: [] } as Times,
}))
for (let round = 0; round < rounds; round++) {
  for (const { task, ours, theirs } of measured) {
    append(ours, await measureOurs(task))
    append(theirs, await measureReference(child, lines, task))
  }
}
child.stdin!.end()
await once(child, 'exit')

const results = measured.map(({ task, ours, theirs }) => {
  const [our, reference] = [summary(ours), summary(theirs)]
  return {
    title: task.title,
    ours: our,
    reference,
    ratio: reference.median / our.median,
    cpuRatio: reference.cpu / our.cpu,
  }
})
if (flags.json) process.stdout.write(`${JSON.stringify({ rounds, epochs, results })}\n`)
else {
  const ms = (seconds: number): string => (1000 * seconds).toFixed(0).padStart(7)
  process.stdout.write(
    `${[
      `${interactions.users.length} users × ${interactions.items.length} items, ${interactions.itemIndices.length} interactions; ${rounds} rounds; milliseconds`,
      `${''.padEnd(34)}    ours: best, median, CPU   reference: best, median, CPU   ratio  of CPU`,
      ...results.map(
        ({ title, ours, reference, ratio, cpuRatio }) =>
          `${title.padEnd(34)} ${ms(ours.best)} ${ms(ours.median)} ${ms(ours.cpu)}          ${ms(reference.best)} ${ms(reference.median)} ${ms(reference.cpu)}    ${ratio.toFixed(2).padStart(5)}×  ${cpuRatio.toFixed(2).padStart(5)}×`,
      ),
    ].join('\n')}\n`,
  )
}
