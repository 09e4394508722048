import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { contentStart } from '../../features/definitions/content-start.ts'
import { creatorPerformance } from '../../features/definitions/creator-performance.ts'
import { creatorRevenue } from '../../features/definitions/creator-revenue.ts'
import { userActivity } from '../../features/definitions/user-activity.ts'
import type { SqlParameter } from '../../features/sources/mart-source.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { openOfflineStore } from '../../features/store/open-offline-store.ts'
import { silentLogger } from '../../log.ts'
import type { ModelName } from '../../models/artifact/manifest.ts'
import { openLocalRegistry } from '../../models/registry/local-registry.ts'
import { silentProgress } from '../../progress.ts'
import { openScorer } from '../../serving/runtime/open-scorer.ts'
import { createRandom } from '../../training/backend/random.ts'
import { loadTrainingJob } from '../../training/jobs/all-jobs.ts'
import { type RunJobResult, runJob } from '../../training/jobs/run-job.ts'
import { openLocalTracker } from '../../training/tracking/local-tracker.ts'
import { createFeatureWorld, type FeatureWorld } from './feature-world.ts'

type Rows = Record<string, (readonly SqlParameter[])[]>

const start = Date.UTC(2026, 2, 1)
const dayMs = 86_400_000

export interface PredictionWorldShape {
  readonly creators: number
  readonly posts: number
  /** Days after publication with counts; 1 = all on the day of publication. */
  readonly countDays: number
}

/**
 * Contents over 60 days whose views follow a plain rule: e^(5 + creator's quality + .8·[the title asks] + .7·[posted at the creator's good hour] + noise);
 * each view earns a fifth of a cent;
 * the good hour is 18:00 for even creators and 9:00 for odd ones; one in ten is viral: 4 times the first day's views, 20 times those of the later days. Two kinds of users: busy and quiet.
 */
export function predictionRows({ creators, posts, countDays }: PredictionWorldShape): Rows {
  const random = createRandom(11)
  const rows: Rows = { dim_creator: [], dim_content: [], fct_content_daily: [], fct_interactions: [], dim_user: [] }
  for (let k = 0; k < creators; k++) {
    rows.dim_creator!.push([`creator-${k}`, 'youtube', `Creator ${k}`, 'Music', 'IN', null, null])
    for (let p = 0; p < posts; p++) {
      const id = `content-${k}-${p}`
      const hour = random.uniform() < 0.5 ? 18 : 9
      const published = start + Math.floor((p * 60) / posts) * dayMs + hour * 3_600_000
      const asks = random.uniform() < 0.5
      const viral = random.uniform() < 0.1
      const views = Math.exp(
        5 + 0.5 * k + (asks ? 0.8 : 0) + (hour === (k % 2 === 0 ? 18 : 9) ? 0.7 : 0) + 0.3 * random.normal(),
      )
      rows.dim_content!.push([
        id,
        'youtube',
        `creator-${k}`,
        asks ? 'Is it?' : 'It is',
        null,
        'a|b',
        'Music',
        'en',
        60,
        new Date(published),
        null,
      ])
      for (let d = 0; d < countDays; d++) {
        const gained = Math.round((views / (d + 1)) * (viral ? (d < 2 ? 4 : 20) : 1))
        const day = new Date(Math.floor(published / dayMs) * dayMs + d * dayMs)
        rows.fct_content_daily!.push([
          id,
          day,
          gained,
          null,
          Math.round(gained / 20),
          Math.round(gained / 200),
          null,
          null,
          null,
          null,
          null,
          null,
          gained / 500,
          null,
        ])
      }
    }
  }
  for (let u = 0; u < 120; u++) {
    rows.dim_user!.push([`user-${u}`, 'IN', null, null, 'mobile', new Date(start), true, null])
    const busy = u % 2 === 0
    for (let e = 0; e < (busy ? 40 : 3); e++) {
      const at = new Date(start + (40 + 20 * random.uniform()) * dayMs)
      const content = `content-${random.int(creators)}-${random.int(posts)}`
      rows.fct_interactions!.push([
        `e-${u}-${e}`,
        `user-${u}`,
        content,
        'youtube',
        'view',
        at,
        busy ? 50 : 5,
        busy ? 0.9 : 0.1,
        null,
      ])
    }
  }
  return rows
}

/** A data folder with marts and the snapshots that the prediction models read; user snapshots of the last days only. */
export async function createPredictionWorld(rows: Rows): Promise<FeatureWorld> {
  const world = await createFeatureWorld(rows)
  await world.build({ views: [creatorPerformance, creatorRevenue, contentStart] })
  await world.build({ views: [userActivity], from: '2026-04-28' })
  return world
}

/** Trains a model in a world as `contentflow train` does, with a registry and runs in a folder of their own. */
export async function trainIn(
  world: FeatureWorld,
  model: ModelName,
  settings: Readonly<Record<string, string>> = {},
  dir?: string,
  seed = 1,
): Promise<{ readonly result: RunJobResult; readonly dir: string }> {
  const home = dir ?? (await mkdtemp(join(world.config.dataDir, 'trained-')))
  const runsDir = join(home, 'runs')
  const source = await openMartSource(world.config)
  const offline = await openOfflineStore(world.config)
  try {
    const result = await runJob({
      job: await loadTrainingJob(model),
      settings,
      seed,
      backend: 'wasm',
      resume: false,
      source,
      offline,
      registry: openLocalRegistry(join(home, 'registry'), { actor: 'ann' }),
      tracker: openLocalTracker(runsDir, silentLogger),
      openScorer,
      progress: silentProgress,
      log: silentLogger,
      signal: new AbortController().signal,
      runsDir,
      gitSha: null,
    })
    return { result, dir: home }
  } finally {
    await offline.close()
    await source.close()
  }
}
