import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureService, featureView } from '../../../features/definitions/index.ts'
import type { OfflineStore } from '../../../features/store/offline-store.ts'
import { openOfflineStore } from '../../../features/store/open-offline-store.ts'
import { silentLogger } from '../../../log.ts'
import { dataDirLock, withFolderLock } from '../../../models/registry/folder-lock.ts'
import { silentProgress } from '../../../progress.ts'
import { buildWhenMissing } from '../../../training/jobs/lazy-features.ts'
import { createFeatureWorld, type FeatureWorld, seconds } from '../../support/feature-world.ts'

describe('buildWhenMissing', () => {
  let world: FeatureWorld
  let stored: OfflineStore
  beforeAll(async () => {
    world = await createFeatureWorld()
    stored = await openOfflineStore(world.config)
  })
  afterAll(async () => {
    await stored.close()
    await world.remove()
  })

  const labels = {
    rowCount: 1,
    at: Float64Array.of(seconds('2026-03-10')),
    creator: ['k1'],
    user: ['u1'],
    content: ['c1'],
  }
  const ask = (name: string) =>
    world.source((source) => {
      const { signal } = new AbortController()
      const options = { config: world.config, source, progress: silentProgress, signal, log: silentLogger }
      return buildWhenMissing(stored, options).historicalFeatures(featureService(name), labels)
    })
  const builtAt = async (view: string): Promise<string[]> =>
    (await readdir(`${world.config.featuresDir}/${view}`)).sort()

  it('a service that nothing was built for, builds its views and no other', async () => {
    expect((await ask('engagement')).rowCount).toBe(1)
    expect(await readdir(world.config.featuresDir)).toEqual(['creator_performance'])
  })

  it('a service whose view is there, while others are missing, builds nothing', async () => {
    await ask('virality')
    expect(await readdir(world.config.featuresDir)).toEqual(['creator_performance'])
  })

  it('another service later, builds what it lacks and leaves the rest', async () => {
    const before = await builtAt('creator_performance')
    await ask('segments')
    expect((await readdir(world.config.featuresDir)).sort()).toEqual(['creator_performance', 'user_activity'])
    expect(await builtAt('creator_performance')).toEqual(before)
  })

  it('views that another process is just building, are waited for and not built again', async () => {
    const lock = join(world.config.dataDir, dataDirLock)
    const views = [featureView('content_profile'), featureView('content_popularity')]
    let asked: Promise<unknown> | undefined
    const manifest = () => readFile(join(world.config.featuresDir, 'content_profile', 'manifest.json'), 'utf8')
    const before = await withFolderLock(lock, async () => {
      asked = ask('ranking')
      await world.build({ views })
      return manifest()
    })
    await asked
    expect(await manifest()).toBe(before)
  })
})
