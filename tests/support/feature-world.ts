import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, loadConfig } from '../../config.ts'
import type { FeatureView } from '../../features/definitions/feature-view.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { type BuildOptions, buildFeatures, type ViewBuild } from '../../features/store/build-features.ts'
import { type MaterialiseOptions, type MaterialiseResult, materialise } from '../../features/store/materialise.ts'
import { silentLogger } from '../../log.ts'
import { silentProgress } from '../../progress.ts'
import { smallWorld, writeSmallWorld } from './small-world.ts'

/** A data folder of its own with a warehouse, for tests of the feature store. */
export interface FeatureWorld {
  readonly config: Config
  /** Changes the warehouse. */
  run(sql: string): Promise<void>
  source<T>(body: (source: MartSource) => Promise<T>): Promise<T>
  build(options?: Partial<BuildOptions>): Promise<readonly ViewBuild[]>
  materialise(options?: Partial<MaterialiseOptions>): Promise<MaterialiseResult>
  remove(): Promise<void>
}

/** @param world rows by mart; the small world by default */
export async function createFeatureWorld(world = smallWorld): Promise<FeatureWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'contentflow-features-'))
  const config = loadConfig({ DATA_DIR: dir, DUCKDB_THREADS: '1', DUCKDB_MEMORY_MB: '512' })
  const { path, schema } = config.warehouse as Extract<Config['warehouse'], { kind: 'duckdb' }>
  await writeSmallWorld(path, schema, world)
  const source = async <T>(body: (source: MartSource) => Promise<T>): Promise<T> => {
    const opened = await openMartSource(config)
    try {
      return await body(opened)
    } finally {
      await opened.close()
    }
  }
  const quiet = { progress: silentProgress, log: silentLogger, signal: new AbortController().signal }
  return {
    config,
    source,
    async run(sql) {
      const database = await DuckDbDatabase.open({ path, schema, memoryMb: 512, threads: 1 })
      await database.run(sql).finally(() => database.close())
    },
    build: (options = {}) =>
      source((opened) => buildFeatures({ source: opened, dir: config.featuresDir, threads: 1, ...quiet, ...options })),
    materialise: (options = {}) => source((opened) => materialise({ source: opened, config, ...quiet, ...options })),
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

/** The same view under another definition, as after an edit of its file. */
export const redefined = (view: FeatureView): FeatureView => ({
  ...view,
  schemaHash: `${view.schemaHash.slice(0, -1)}!`,
})

/** Seconds since 1970 of a UTC time such as `2026-03-05` or `2026-03-05T10:00:00`. */
export const seconds = (text: string): number =>
  Date.parse(text.includes('T') ? `${text}Z` : `${text}T00:00:00Z`) / 1000
