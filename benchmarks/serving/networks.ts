import { cpus } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { silentLogger } from '../../log.ts'
import { paddedHistories } from '../../models/payloads/recommender.ts'
import { silentProgress } from '../../progress.ts'
import { historyOf } from '../../training/datasets/interactions.ts'
import { openSuite } from '../../training/datasets/open-suite.ts'
import { loadFamily } from '../../training/families/all-families.ts'
import type { FitEnvironment, ServingNetwork } from '../../training/families/family.ts'
import { fitFamily } from '../../training/families/fit-family.ts'

// What does a recommender's network cost in one request? See README.md beside this file.

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'ml100k' },
    data: { type: 'string', default: 'benchmarks/data' },
    rounds: { type: 'string', default: '5' },
  },
})
/** Epochs do not change the size of a network: one is enough. */
const networks: readonly (readonly [string, string, object])[] = [
  ['gmf', 'gmf', { epochs: 1 }],
  ['next-item', 'next-item', {}],
  ['ease', 'ease', {}],
  ['linear-next-item', 'linear-next-item', {}],
  ['sequential', 'sequential', { epochs: 1 }],
  [
    'hybrid of linear-next-item, ease',
    'hybrid',
    { components: ['linear-next-item', 'ease'], blend: [1, 0, 1, 0, 0.1, 0] },
  ],
  ['hybrid', 'hybrid', { options: { sequential: { epochs: 1 } }, blend: [1, 0, 1, 0, 1, 0, 0.1, 0] }],
]
const candidates = 500
const people = 100

const { split } = await openSuite(values.suite, values.data)
const data = split.trainAndValidation
const environment: FitEnvironment = {
  seed: 1,
  signal: new AbortController().signal,
  log: silentLogger,
  progress: silentProgress,
  label: 'fit',
  backend: 'auto',
}

/** What the service asks for one person. */
function question({ historyLength: length }: ServingNetwork, user: number): Record<string, Tensor> {
  const int = (numbers: Int32Array, shape = [numbers.length]): Tensor => new Tensor('int32', numbers, shape)
  const item = int(Int32Array.from({ length: candidates }, (_, i) => (i * 7 + user) % data.items.length))
  if (length === undefined) return { user: int(new Int32Array(candidates).fill(user)), item }
  const history = int(paddedHistories([historyOf(data, user)], length), [1, length])
  return { history, row: int(new Int32Array(candidates)), item }
}

console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${values.suite}, ${data.items.length} items, ${candidates} candidates, ${people} people\n`,
)
console.log(
  `${''.padEnd(34)} ${'MB'.padStart(6)} ${'CPU µs'.padStart(8)} ${'min µs'.padStart(8)} ${'p50 µs'.padStart(8)}`,
)
for (const [title, name, settings] of networks) {
  const family = await loadFamily(name)
  const fitted = await fitFamily(family, { interactions: data }, family.config.parse(settings), environment)
  const network = fitted.serving!()
  const session = await InferenceSession.create(network.onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const questions = Array.from({ length: people }, (_, user) => question(network, user))
  for (const asked of questions) await session.run(asked) // warm
  const times: number[] = []
  const before = process.cpuUsage()
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const asked of questions) {
      const started = performance.now()
      await session.run(asked)
      times.push((performance.now() - started) * 1000)
    }
  }
  const { user, system } = process.cpuUsage(before)
  times.sort((a, b) => a - b)
  const figures = [(user + system) / times.length, times[0]!, times[times.length >> 1]!]
  const columns = figures.map((figure) => figure.toFixed(0).padStart(8)).join(' ')
  console.log(`${title.padEnd(34)} ${(network.onnx.length / 1e6).toFixed(1).padStart(6)} ${columns}`)
  await session.release()
  fitted.close()
}
