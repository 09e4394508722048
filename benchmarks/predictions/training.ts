import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { silentLogger } from '../../log.ts'
import { silentProgress } from '../../progress.ts'
import { benchmarkTabular } from '../../training/benchmark/benchmark-tabular.ts'
import { tabularNetworkSchema } from '../../training/jobs/tabular-config.ts'
import { startPython } from '../python-side.ts'
import { featureCount, writeTable } from './made-up-table.ts'

// The whole fit of a prediction (choosing, fitting, fitting again) against LightGBM's, in turns. See README.md.

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    venv: { type: 'string', default: join(os.tmpdir(), 'contentflow-bench-predictions') },
    json: { type: 'boolean', default: false },
  },
})

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rmse: number
}

const folder = await mkdtemp(join(os.tmpdir(), 'predictions-'))
const sides: Record<'ours' | 'LightGBM', Measured[]> = { ours: [], LightGBM: [] }
try {
  const files = await writeTable(folder, Number(flags.rows), 1)
  const requirements = join(import.meta.dirname, 'requirements.txt')
  const setup = { files, threads: Number(flags.threads) }
  const lightGbm = startPython(flags.venv, requirements, join(import.meta.dirname, 'training.py'), setup)
  const ours = async (): Promise<Measured> => {
    const result = await benchmarkTabular({
      files,
      columns: { target: 'y', task: 'regression', leaveOut: [] },
      config: tabularNetworkSchema.parse({}),
      seed: 1,
      backend: 'auto',
      log: silentLogger,
      progress: silentProgress,
      signal: new AbortController().signal,
    })
    const rmse = result.models[0]!.metrics.rmse!.value
    return { seconds: result.fitSeconds, cpuSeconds: result.cpuSeconds, rmse }
  }
  for (let round = 0; round < Number(flags.rounds); round++) {
    sides.LightGBM.push((await lightGbm.ask({})) as Measured)
    sides.ours.push(await ours())
  }
  await lightGbm.close()
} finally {
  await rm(folder, { recursive: true })
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
const summary = Object.fromEntries(
  Object.entries(sides).map(([side, its]) => [
    side,
    {
      seconds: median(its.map(({ seconds }) => seconds)),
      cpuSeconds: median(its.map(({ cpuSeconds }) => cpuSeconds)),
      rmse: its[0]!.rmse,
    },
  ]),
)
const ratio = summary.ours!.seconds / summary.LightGBM!.seconds
const cpuRatio = summary.ours!.cpuSeconds / summary.LightGBM!.cpuSeconds
if (flags.json) process.stdout.write(`${JSON.stringify({ ...summary, ratio, cpuRatio })}\n`)
else {
  console.log(`${flags.rows} rows × ${featureCount} features, ${flags.rounds} rounds; ${os.cpus()[0]?.model}`)
  for (const [side, { seconds, cpuSeconds, rmse }] of Object.entries(summary)) {
    console.log(
      `${side.padEnd(10)} ${seconds.toFixed(1).padStart(7)} s ${cpuSeconds.toFixed(1).padStart(7)} s of CPU   RMSE ${rmse.toFixed(4)}`,
    )
  }
  console.log(`ours ÷ LightGBM: ${ratio.toFixed(2)}× the time, ${cpuRatio.toFixed(2)}× the CPU time`)
}
