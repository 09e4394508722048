import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../config.ts'
import { silentLogger } from '../../log.ts'
import { goldenInputs } from '../../models/artifact/golden.ts'
import type { ModelName } from '../../models/artifact/manifest.ts'
import { readGolden } from '../../models/artifact/read-artifact.ts'
import { networkFile } from '../../models/artifact/write-artifact.ts'
import { openRegistry } from '../../models/registry/open-registry.ts'
import type { Tensor, Tensors } from '../../models/scorer.ts'
import { openScorer } from '../../serving/runtime/open-scorer.ts'
import { startPython } from '../python-side.ts'

// How many rows a second does a champion score on one core, against onnxruntime's own Python call on the same graph? See README.md.

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: './data' },
    model: { type: 'string', default: 'engagement' },
    rows: { type: 'string', default: '200000' },
    batch: { type: 'string', default: '256' },
    rounds: { type: 'string', default: '5' },
    venv: { type: 'string', default: join(os.tmpdir(), 'contentflow-bench-predictions') },
    json: { type: 'boolean', default: false },
  },
})
const rows = Number(flags.rows)
const batch = Number(flags.batch)

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** The golden rows over and over. */
const repeated = ({ shape, data }: Tensor): Tensor => {
  const width = shape[1]!
  const values = data instanceof Float32Array ? new Float32Array(rows * width) : new Int32Array(rows * width)
  for (let at = 0; at < values.length; at++) values[at] = data[at % data.length]!
  return { shape: [rows, width], data: values }
}

const registry = await openRegistry(loadConfig({ DATA_DIR: flags.data }), silentLogger)
const champion = await registry.champion(flags.model as ModelName)
if (champion === undefined) {
  process.stderr.write(
    `${flags.data} has no champion of ${flags.model}: run \`npm start\` or \`contentflow train\` first.\n`,
  )
  process.exit(1)
}
const artifact = await registry.fetch(champion.manifest.model, champion.version)
const golden = goldenInputs(await readGolden(artifact), champion.manifest)
const inputs = { numeric: repeated(golden.numeric!), categorical: repeated(golden.categorical!) }
const part = ({ shape, data }: Tensor, from: number, to: number): Tensor => ({
  shape: [to - from, shape[1]!],
  data: data.subarray(from * shape[1]!, to * shape[1]!),
})
const batches: Tensors[] = []
for (let from = 0; from < rows; from += batch) {
  const to = Math.min(rows, from + batch)
  batches.push({ numeric: part(inputs.numeric, from, to), categorical: part(inputs.categorical, from, to) })
}

const scorer = await openScorer(artifact)
async function ourTurn(): Promise<Measured> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  for (const one of batches) await scorer.score(one)
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 }
}

const folder = await mkdtemp(join(os.tmpdir(), 'scoring-'))
const [ours, theirs]: [Measured[], Measured[]] = [[], []]
try {
  const files = { numeric: join(folder, 'numeric.f32'), categorical: join(folder, 'categorical.i32') }
  await writeFile(files.numeric, Buffer.from(inputs.numeric.data.buffer))
  await writeFile(files.categorical, Buffer.from(inputs.categorical.data.buffer))
  const setup = {
    ...files,
    graph: join(artifact, networkFile),
    rows,
    batch,
    outputs: champion.manifest.outputs.map(({ name }) => name),
  }
  const python = startPython(
    flags.venv,
    join(import.meta.dirname, 'requirements.txt'),
    join(import.meta.dirname, 'scoring.py'),
    setup,
  )
  // The first turn of each warms up, and is thrown away.
  for (let round = 0; round <= Number(flags.rounds); round++) {
    const turn = [await ourTurn(), (await python.ask({})) as Measured] as const
    if (round === 0) continue
    ours.push(turn[0])
    theirs.push(turn[1])
  }
  await python.close()
} finally {
  await rm(folder, { recursive: true })
  await scorer.close()
  await registry.close()
}

const median = (of: readonly Measured[]): number =>
  of.map(({ cpuSeconds }) => cpuSeconds).toSorted((a, b) => a - b)[of.length >> 1]!
const perSecond = { ours: rows / median(ours), python: rows / median(theirs) }
const ratio = perSecond.ours / perSecond.python
if (flags.json) process.stdout.write(`${JSON.stringify({ model: flags.model, rows, batch, perSecond, ratio })}\n`)
else {
  console.log(
    `${flags.model}, ${inputs.numeric.shape[1]} numbers and ${inputs.categorical.shape[1]} categories a row, batches of ${batch}; ${os.cpus()[0]?.model}`,
  )
  console.log(`ours               ${Math.round(perSecond.ours).toLocaleString('en')} rows a second of CPU time`)
  console.log(`onnxruntime Python ${Math.round(perSecond.python).toLocaleString('en')}`)
  console.log(`ours ÷ Python: ${ratio.toFixed(2)}×`)
}
