import { join } from 'node:path'
import { type Config, loadConfig } from '../../config.ts'
import type { SqlParameter } from '../../features/sources/mart-source.ts'
import { createLogger, silentLogger } from '../../log.ts'
import type { ModelName } from '../../models/artifact/manifest.ts'
import { openLocalRegistry } from '../../models/registry/local-registry.ts'
import type { ModelRegistry } from '../../models/registry/model-registry.ts'
import { type RunningService, type ServiceOptions, startService } from '../../serving/main.ts'
import { createFeatureWorld, type FeatureWorld, seconds } from './feature-world.ts'
import type { ArtifactChanges } from './small-artifact.ts'
import { type RecommenderWorld, writePostingTime, writeRecommender, writeSegments } from './small-artifacts.ts'
import {
  writeChurn,
  writeCreatorRevenue,
  writeEngagement,
  writeForecast,
  writeRevenue,
  writeVirality,
} from './small-tabular-artifacts.ts'

/** The moment at which the test services live: Wednesday, a day after the last event. */
export const testNow = seconds('2026-03-11T12:00:00')

/** A content and a user whose ids try what they can. */
export const hostileContent = `a/b?c=%2F&d 🎬 "x"; drop table dim_content; --`
export const hostileUser = `../u"s';--/🙂`

const at = (text: string): Date => new Date(`2026-03-${text}Z`)
const number = (id: number): string => String(id).padStart(2, '0')

/**
 * Twelve contents of two creators (1–6, 7–12; odd ones Music, even ones Comedy; published on the 1st to the 6th) and one with a hostile
 * id. user-1 saw content-1 and then content-2, user-2 content-3, user-3 nothing, and a hostile user content-7. content-3 was liked by
 * three more, so it trends. All of them are consenting and alive.
 */
const martRows: Readonly<Record<string, readonly (readonly SqlParameter[])[]>> = {
  dim_creator: ['creator-1', 'creator-2'].map((id) => [
    id,
    'youtube',
    `Name of ${id}`,
    'Music',
    'IN',
    1000,
    at('01 00:00:00'),
  ]),
  dim_user: ['user-1', 'user-2', 'user-3', 'user-4', 'user-5', 'user-6', hostileUser].map((id) => [
    id,
    'IN',
    '18-24',
    'female',
    'mobile',
    at('01 00:00:00'),
    true,
    null,
  ]),
  dim_content: [
    ...Array.from({ length: 12 }, (_, i) =>
      content(`content-${i + 1}`, i < 6 ? 'creator-1' : 'creator-2', i % 2 === 0 ? 'Music' : 'Comedy', (i % 6) + 1),
    ),
    content(hostileContent, 'creator-2', 'Comedy', 2),
  ],
  fct_interactions: [
    event('e1', 'user-1', 'content-1', 'view', '08 10:00:00'),
    event('e2', 'user-1', 'content-2', 'view', '09 10:00:00'),
    event('e3', 'user-2', 'content-3', 'view', '08 10:00:00'),
    event('e4', hostileUser, 'content-7', 'view', '08 10:00:00'),
    ...['user-4', 'user-5', 'user-6'].map((user, i) => event(`t${i}`, user, 'content-3', 'like', '09 12:00:00')),
  ],
  fct_content_daily: Array.from({ length: 12 }, (_, i) => [
    `content-${i + 1}`,
    at(`${number((i % 6) + 1)} 00:00:00`),
    100 + i,
    80,
    10,
    1,
    1,
    1,
    1000,
    100,
    5000,
    1,
    0.5,
    0,
  ]),
}

function content(id: string, creator: string, category: string, day: number): SqlParameter[] {
  return [
    id,
    'youtube',
    creator,
    `Title of ${id}`,
    null,
    'a|b',
    category,
    'en',
    60,
    at(`${number(day)} 00:00:00`),
    null,
  ]
}

function event(id: string, user: string, contentId: string, type: string, when: string): SqlParameter[] {
  return [id, user, contentId, 'youtube', type, at(when), 30, 0.9, null]
}

/**
 * The recommender of that world, trained before content-11, content-12 and the hostile one existed and while `content-gone` still did.
 * content-1 goes with 3 and 4; content-5 follows content-2; user-1 has a taste for content-6.
 */
export const recommenderWorld: RecommenderWorld = {
  vocabulary: {
    users: ['user-1', 'user-2'],
    items: [...Array.from({ length: 10 }, (_, i) => `content-${i + 1}`), 'content-gone'],
  },
  tastes: [
    [1, 0],
    [0, 1],
  ],
  traits: Array.from({ length: 11 }, (_, item) => (item === 5 ? ([5, 0] as const) : ([0, item / 10] as const))),
  popular: [0, 8, 9, 10],
  similar: [[2, 3], ...Array.from({ length: 10 }, () => [])],
  next: [[], [4, 10], ...Array.from({ length: 9 }, () => [])],
}

const writers: Readonly<Record<ModelName, (dir: string, changes?: ArtifactChanges) => Promise<unknown>>> = {
  recommender: (dir, changes) => writeRecommender(dir, recommenderWorld, changes),
  engagement: writeEngagement,
  virality: writeVirality,
  revenue: writeRevenue,
  'creator-revenue': writeCreatorRevenue,
  forecast: writeForecast,
  churn: writeChurn,
  segments: writeSegments,
  'posting-time': writePostingTime,
}

/** A data folder as a finished `npm start` leaves it: warehouse, snapshots, online store, and a registry with champions. */
export interface ServiceWorld {
  readonly features: FeatureWorld
  readonly config: Config
  readonly registry: ModelRegistry
  /** Trains and promotes another version, as far as serving can tell. @returns its number */
  promote(model: ModelName, changes?: ArtifactChanges): Promise<number>
  start(env?: Readonly<Record<string, string>>, options?: Partial<ServiceOptions>): Promise<TestService>
  remove(): Promise<void>
}

/** @param models the champions there are; all of them by default */
export async function createServiceWorld(
  models: readonly ModelName[] = Object.keys(writers) as ModelName[],
): Promise<ServiceWorld> {
  const features = await createFeatureWorld(martRows)
  await features.build()
  await features.materialise()
  const { config } = features
  const registry = openLocalRegistry(config.registryDir, { actor: 'test' })
  let made = 0
  const promote = async (model: ModelName, changes?: ArtifactChanges): Promise<number> => {
    const dir = join(config.dataDir, `artifact-${made++}`)
    await writers[model](dir, changes)
    const { version } = await registry.register(dir, 'made by hand')
    await registry.promote(model, version, 'beats popularity')
    return version
  }
  for (const model of models) await promote(model)
  return {
    features,
    config,
    registry,
    promote,
    start: (env, options) => startTestService(config, env, options),
    async remove() {
      await registry.close()
      await features.remove()
    },
  }
}

interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals; the OpenAPI test checks their shape
  readonly body: any
}

export interface TestService extends RunningService {
  get(path: string, headers?: Record<string, string>): Promise<TestAnswer>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<TestAnswer>
}

/** A real service on a free port, polling every second. */
export async function startTestService(
  { dataDir }: Pick<Config, 'dataDir'>,
  env: Readonly<Record<string, string>> = {},
  options: Partial<ServiceOptions> = {},
): Promise<TestService> {
  const config = loadConfig({ DATA_DIR: dataDir, PORT: '0', MODEL_POLL_SECONDS: '1', ...env })
  const log = process.env.TEST_LOG ? createLogger('info') : silentLogger
  const service = await startService(config, { log, clock: () => testNow, ...options })
  const ask = async (path: string, init: RequestInit): Promise<TestAnswer> => {
    const response = await fetch(`${service.url}${path}`, init)
    const text = await response.text()
    const json = /\bjson\b/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
  }
  return {
    url: service.url,
    close: () => service.close(),
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}
