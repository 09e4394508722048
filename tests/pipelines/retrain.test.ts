import { appendFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config.ts'
import { openOnlineStore } from '../../features/store/open-online-store.ts'
import { silentLogger } from '../../log.ts'
import { modelNames } from '../../models/artifact/manifest.ts'
import { openRegistry } from '../../models/registry/open-registry.ts'
import { type RetrainOptions, type RetrainResult, requireAllTrained, retrain } from '../../pipelines/retrain.ts'
import { generateSample } from '../../pipelines/sample/generate-sample.ts'
import { sampleWorld } from '../../pipelines/sample/world.ts'
import { type Progress, silentProgress } from '../../progress.ts'
import { openScorer } from '../../serving/runtime/open-scorer.ts'

/** Too few contents with a known first week for engagement and virality, enough events for recommender. */
const tiny = { ...sampleWorld('small', 1, 16), users: 120, contents: 100, creators: 12 }

let folder: string
let options: RetrainOptions
let first: RetrainResult

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retrain-'))
  const config = loadConfig({ DATA_DIR: folder, DUCKDB_MEMORY_MB: '512' })
  const { signal } = new AbortController()
  const path = join(folder, 'warehouse.duckdb')
  await generateSample(tiny, { path, schema: 'marts', duckdb: config.duckdb, progress: silentProgress, signal })
  const git = { gitSha: null, gitBranch: null }
  options = { config, log: silentLogger, progress: silentProgress, signal, openScorer, git, seed: 1 }
  first = await retrain(options)
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** One event a line, as the service writes them; the second is of a content that the marts do not have. */
async function postEvents(...ids: readonly string[]): Promise<void> {
  await mkdir(options.config.eventsDir, { recursive: true })
  const event = { userId: 'user-1', contentId: 'content-1', platform: 'youtube', eventType: 'view' }
  const occurredAt = Date.UTC(2026, 9, 31, 12) / 1000
  const lines = ids.map((eventId) => JSON.stringify({ ...event, eventId, occurredAt }))
  const unknown = JSON.stringify({ ...event, eventId: 'e-unknown', contentId: 'nothing', occurredAt })
  await appendFile(join(options.config.eventsDir, '2026-10-31.ndjson'), `${[...lines, unknown].join('\n')}\n`)
}

async function published(): Promise<string | undefined> {
  const store = await openOnlineStore(options.config, silentLogger)
  try {
    return await store.version()
  } finally {
    await store.close()
  }
}

async function champions(): Promise<string[]> {
  const registry = await openRegistry(options.config, silentLogger)
  try {
    const versions = await registry.list()
    return versions.filter(({ aliases }) => aliases.includes('champion')).map((v) => `${v.model} ${v.version}`)
  } finally {
    await registry.close()
  }
}

/** Calls back as soon as the retraining reports progress of something that `task` begins with. */
const when = (task: string, callback: () => void): Progress => ({
  ...silentProgress,
  update: (name) => {
    if (name.startsWith(task)) callback()
  },
})

describe('retrain', () => {
  it('with models that cannot be trained trains the others, publishes, and names those that failed', async () => {
    expect(first.outcomes.map(({ model }) => model)).toEqual(modelNames)
    const failed = first.outcomes.filter((outcome) => 'error' in outcome).map(({ model }) => model)
    expect(failed).toEqual(expect.arrayContaining(['engagement', 'virality']))
    expect(failed).not.toContain('recommender')
    expect(() => requireAllTrained(first)).toThrow(`Training failed for ${failed.join(', ')}; everything else`)
    expect(await published()).toBe(first.onlineVersion)
  })

  it('stopped while features are built keeps the last good state, and the next one goes on', async () => {
    const before = await champions()
    await postEvents('e-1', 'e-2')
    const controller = new AbortController()
    const progress = when('features', () => controller.abort())
    await expect(retrain({ ...options, progress, signal: controller.signal })).rejects.toMatchObject({
      name: expect.stringMatching(/AppError|AbortError/),
    })
    expect(await champions()).toEqual(before)
    expect(await published()).toBe(first.onlineVersion)
    expect(await readdir(folder)).not.toContain('pipeline.lock')

    // The events of the stopped one are in the warehouse: only what came since is new. What it did not build, this one builds.
    await postEvents('e-3')
    const second = await retrain(options)
    expect(second.newEvents).toBe(1)
    expect(second.snapshotsBuilt).toBeGreaterThan(0)
    expect(await published()).toBe(second.onlineVersion)
    expect(second.onlineVersion).not.toBe(first.onlineVersion)
  })
})
