import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { FeatureService, FeatureView } from '../../features/definitions/feature-view.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { buildFeatures } from '../../features/store/build-features.ts'
import type { OfflineStore } from '../../features/store/offline-store.ts'
import type { Logger } from '../../log.ts'
import { dataDirLock, withFolderLock } from '../../models/registry/folder-lock.ts'
import type { Progress } from '../../progress.ts'

export interface LazyFeaturesOptions {
  readonly config: Config
  readonly source: MartSource
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly log: Logger
}

/**
 * An offline store that builds the views a job asks for, and only those, where they were never built. Snapshots that are there are
 * taken as they are: bringing them up to date is `contentflow features build`. What builds beside it is waited for, one minute at most.
 */
export function buildWhenMissing(offline: OfflineStore, options: LazyFeaturesOptions): OfflineStore {
  return {
    async historicalFeatures(service, labels) {
      await buildUnlessThere(service, options)
      return offline.historicalFeatures(service, labels)
    },
    close: () => offline.close(),
  }
}

async function buildUnlessThere(
  service: FeatureService,
  { config, source, progress, signal, log }: LazyFeaturesOptions,
): Promise<void> {
  const dir = config.featuresDir
  if ((await neverBuilt(service, dir)).length === 0) return
  await mkdir(config.dataDir, { recursive: true })
  const build = async (): Promise<void> => {
    const views = await neverBuilt(service, dir) // another process may just have built them
    if (views.length === 0) return
    log.info(
      { dir, views: views.map((view) => view.name) },
      'these features were never built: building them, as `contentflow features build --view` does',
    )
    await buildFeatures({ source, dir, views, ...config.duckdb, progress, signal, log })
  }
  // Two builders of one view would remove each other's files.
  await withFolderLock(join(config.dataDir, dataDirLock), build, { what: 'train, building missing features' })
}

async function neverBuilt(service: FeatureService, dir: string): Promise<readonly FeatureView[]> {
  const views: FeatureView[] = []
  for (const view of new Set(service.fields.map((field) => field.view))) {
    const entries = await readdir(join(dir, view.name)).catch(() => [])
    if (entries.length === 0) views.push(view)
  }
  return views
}
