import { readdir } from 'node:fs/promises'
import type { Config } from '../../config.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { buildFeatures } from '../../features/store/build-features.ts'
import type { OfflineStore } from '../../features/store/offline-store.ts'
import type { Logger } from '../../log.ts'
import type { Progress } from '../../progress.ts'

export interface LazyFeaturesOptions {
  readonly config: Config
  readonly source: MartSource
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly log: Logger
}

/**
 * An offline store that builds its snapshots when a job first asks for features and nothing was ever built. Snapshots that are
 * there are taken as they are: bringing them up to date is `contentflow features build`.
 */
export function buildWhenEmpty(offline: OfflineStore, options: LazyFeaturesOptions): OfflineStore {
  let ready: Promise<void> | undefined
  return {
    async historicalFeatures(service, labels) {
      ready ??= buildUnlessThere(options)
      await ready
      return offline.historicalFeatures(service, labels)
    },
    close: () => offline.close(),
  }
}

async function buildUnlessThere({ config, source, progress, signal, log }: LazyFeaturesOptions): Promise<void> {
  const entries = await readdir(config.featuresDir).catch(() => [])
  if (entries.length > 0) return
  log.info(
    { dir: config.featuresDir },
    'no features were built yet: building them, as `contentflow features build` does',
  )
  await buildFeatures({ source, dir: config.featuresDir, ...config.duckdb, progress, signal, log })
}
