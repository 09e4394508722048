import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { DuckDbSource } from '../../../features/sources/duckdb-source.ts'
import { buildFeatures } from '../../../features/store/build-features.ts'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { openGivenSplit } from '../../../training/benchmark/given-split-benchmark.ts'
import { peakMb } from '../../../training/benchmark/peak-mb.ts'
import { readInteractions } from '../../../training/datasets/read-interactions.ts'
import { meanNdcg } from '../../../training/evaluation/mean-ndcg.ts'
import { loadFamily } from '../../../training/families/all-families.ts'
import { fitFamily } from '../../../training/families/fit-family.ts'
import { fillWorld } from '../../features/world.ts'
import { familySettings } from './family-settings.ts'
import type { ScaleWorld } from './write-interactions.ts'

/** What one stage of a part cost. */
export interface Stage {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** One part at one size, run in a process of its own: its stages by name, and the most memory that the process held. */
export interface PartResult {
  readonly part: string
  readonly interactions: number
  readonly stages: Readonly<Record<string, Stage>>
  readonly peakMb: number
  /** NDCG@10 of the families: a figure that shows that something was learned. */
  readonly ndcg?: number
}

export interface PartRequest {
  readonly part: string
  readonly world: ScaleWorld
  readonly trainFile: string
  readonly testFile: string
}

/** Memory that DuckDB may take, MB: the default of DUCKDB_MEMORY_MB. */
const duckDbMb = 2048
const signal = new AbortController().signal
const quiet = { progress: silentProgress, log: silentLogger, signal }

/** Days over which the warehouse's events are spread, and of which there are features: a snapshot a day. */
const days = 15

/** Runs one part and prints its `PartResult`. */
const request = JSON.parse(process.argv[2]!) as PartRequest
const stages: Record<string, Stage> = {}
const ndcg = request.part === 'warehouse' ? await warehouse(request.world) : await family(request)
const result: PartResult = {
  part: request.part,
  interactions: request.world.interactions,
  stages,
  peakMb: peakMb(),
  ...(ndcg !== undefined && { ndcg }),
}
console.log(JSON.stringify(result))
process.exit(0)

async function stage<T>(name: string, body: () => Promise<T>): Promise<T> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const value = await body()
  const { user, system } = process.cpuUsage(cpu)
  stages[name] = { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 }
  return value
}

/** Features of all views from the marts, then the marts' interactions as training reads them. */
async function warehouse({ users, items, interactions }: ScaleWorld): Promise<undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'contentflow-scale-'))
  try {
    const path = join(dir, 'warehouse.duckdb')
    const database = await DuckDbDatabase.open({ path, schema: 'marts', create: true, memoryMb: duckDbMb })
    await stage('fill', () => fillWorld(database, 'marts', { users, contents: items, events: interactions, days }))
    const source = new DuckDbSource(database)
    await stage('features', () =>
      buildFeatures({ source, dir: join(dir, 'features'), memoryMb: duckDbMb, full: true, ...quiet }),
    )
    await stage('read', () => readInteractions(source, { minInteractions: 1, firstOnly: true }))
    await source.close()
    return undefined
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function family({ part, trainFile, testFile }: PartRequest): Promise<number> {
  const { whole, test } = await stage('read', () =>
    openGivenSplit({ train: trainFile, valid: undefined, test: testFile, items: undefined }),
  )
  const family = await loadFamily(part)
  const config = family.config.parse(familySettings[part])
  const fitted = await stage('fit', () =>
    fitFamily(family, { interactions: whole }, config, { ...quiet, seed: 1, label: part, backend: 'wasm' }),
  )
  const ndcg = await stage('rank', () => meanNdcg(fitted, whole, test, 10))
  fitted.close()
  return ndcg
}
