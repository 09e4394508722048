import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../config.ts'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import type { SqlParameter } from '../../../features/sources/mart-source.ts'
import { openMartSource } from '../../../features/sources/open-mart-source.ts'
import { silentLogger } from '../../../log.ts'
import { readArtifactArray, readArtifactJson } from '../../../models/artifact/read-artifact.ts'
import { recommenderVocabularySchema } from '../../../models/payloads/recommender.ts'
import { openLocalRegistry } from '../../../models/registry/local-registry.ts'
import type { ModelRegistry } from '../../../models/registry/model-registry.ts'
import { silentProgress } from '../../../progress.ts'
import { openScorer } from '../../../serving/runtime/open-scorer.ts'
import { groupByUser } from '../../../training/datasets/group-by-user.ts'
import { splitLeaveLast } from '../../../training/datasets/interactions-split.ts'
import type { TrainingJob } from '../../../training/jobs/job.ts'
import { recommenderJob } from '../../../training/jobs/recommender.ts'
import { settingsOfFamily } from '../../../training/jobs/recommender-config.ts'
import { evaluateOtherRecommender } from '../../../training/jobs/recommender-other.ts'
import { type RunJobResult, runJob } from '../../../training/jobs/run-job.ts'
import { openLocalTracker } from '../../../training/tracking/local-tracker.ts'
import { writeSmallWorld } from '../../support/small-world.ts'
import { checkerboard } from '../checkerboard.ts'

let dir: string
let registry: ModelRegistry
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recommender-job-'))
  registry = openLocalRegistry(join(dir, 'registry'), { actor: 'ann' })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const smallNeuMf = (settings: Readonly<Record<string, string>> = {}) =>
  settingsOfFamily('neu-mf', {
    epochs: '6',
    negatives: '4',
    batchSize: '64',
    learningRate: '0.01',
    gmfSize: '8',
    mlpSize: '8',
    ...settings,
  })

/** A warehouse whose only rows are the views of a checkerboard. */
async function train(
  world: { users: number; items: number },
  settings: Readonly<Record<string, string>> = smallNeuMf(),
  seed = 1,
): Promise<RunJobResult> {
  const { userIds, itemIds, times } = checkerboard(world.users, world.items)
  const rows: SqlParameter[][] = userIds.map((user, i) => [
    `e-${String(i).padStart(6, '0')}`,
    user,
    itemIds[i]!,
    'youtube',
    'view',
    new Date(Date.UTC(2026, 0, 1) + times[i]! * 60_000),
    null,
    null,
    null,
  ])
  const config = loadConfig({ DATA_DIR: join(dir, 'data') })
  if (config.warehouse.kind !== 'duckdb') throw new Error('expected the embedded warehouse')
  await writeSmallWorld(config.warehouse.path, 'marts', { fct_interactions: rows })
  const source = await openMartSource(config)
  const runsDir = join(dir, 'runs')
  try {
    return await runJob({
      job: recommenderJob as unknown as TrainingJob,
      settings,
      seed,
      backend: 'wasm',
      resume: false,
      source,
      offline: undefined as never, // it reads no features
      registry,
      tracker: openLocalTracker(runsDir, silentLogger),
      openScorer,
      progress: silentProgress,
      log: silentLogger,
      signal: new AbortController().signal,
      runsDir,
      gitSha: null,
    })
  } finally {
    await source.close()
    await rm(join(dir, 'data'), { recursive: true })
  }
}

describe('the recommender job', () => {
  it('learns the colours of a checkerboard, and leaves an artifact that serving can open', async () => {
    const { metrics, version } = await train({ users: 40, items: 30 })
    const headline = metrics[0]!
    expect(headline.metric).toBe('ndcg@10')
    expect(Object.keys(headline.baselines)).toEqual(['popularity', 'item-knn', 'next-item'])
    // Popularity knows no colours: the one item left of the user's own is among the 15 others, at any place.
    expect(headline.model.value).toBeGreaterThan(headline.baselines.popularity!.value)

    const artifact = await registry.fetch('recommender', version)
    const vocabulary = await readArtifactJson(artifact, 'vocabulary.json', recommenderVocabularySchema)
    expect(vocabulary.users).toHaveLength(40)
    const { manifest } = await registry.get('recommender', version)
    expect(manifest.synthetic).toBe(false)
    expect(manifest.data).toMatchObject({ rows: 600, split: 'leave-last' })
    const similar = await readArtifactArray(artifact, manifest, 'similarItems')
    expect(similar.shape).toEqual([30, 50])
    const colour = (item: number): number => Number(vocabulary.items[item]!.slice('content-'.length)) % 2
    const known = [...similar.data.subarray(0, 50)].filter((item) => item >= 0)
    expect(known).toHaveLength(14) // the others of its colour
    expect(known.every((item) => colour(item) === colour(0))).toBe(true)
    const popular = await readArtifactArray(artifact, manifest, 'popularItems')
    expect(popular.shape).toEqual([30])
    const scorer = await openScorer(artifact)
    const { score } = await scorer.score({
      user: { shape: [30], data: new Int32Array(30) },
      item: { shape: [30], data: Int32Array.from({ length: 30 }, (_, i) => i) },
    })
    await scorer.close()
    const mean = (wanted: number): number => {
      const chosen = [...score!.data].filter((_, item) => colour(item) === wanted)
      return chosen.reduce((sum, value) => sum + value, 0) / chosen.length
    }
    expect(mean(0)).toBeGreaterThan(mean(1) + 1) // user-0 likes the even ones
  })

  it('is judged on the same users whatever the seed', async () => {
    const settings = smallNeuMf({ judgedUsers: '15', epochs: '1' })
    const first = await train({ users: 40, items: 30 }, settings)
    const second = await train({ users: 40, items: 30 }, settings, 2)
    // The baselines draw nothing: their figures tell who was judged.
    const ofBaselines = ({ metrics }: RunJobResult) =>
      metrics.map(({ baselines }) => Object.values(baselines).map(({ value }) => value))
    expect(ofBaselines(second)).toEqual(ofBaselines(first))
  })

  it('makes the best family on the validation part the model, and says who else was considered', async () => {
    const settings = { families: '["gmf","next-item"]', 'gmf.epochs': '1' }
    const { version, promoted, reason, reportPath } = await train({ users: 40, items: 30 }, settings)
    const { manifest } = await registry.get('recommender', version)
    // One epoch teaches the factors little; what follows what is plain on this board.
    expect(manifest.config).toMatchObject({ family: 'next-item', 'next-item': { window: 20 } })
    expect(manifest.inputs.map(({ name }) => name)).toEqual(['history', 'row', 'item'])
    // Both find all: a tie with item-kNN is no reason to be preferred.
    expect(promoted).toBe(false)
    expect(reason).toContain('next-item does not beat item-knn in NDCG@10')
    const report = await readFile(reportPath, 'utf8')
    for (const family of ['next-item', 'gmf']) expect(report).toContain(family)
  })

  it('searches settings that nobody gave, tracks each trial, and shows what the search brought', async () => {
    const settings = { families: '["next-item"]', trials: '4', 'next-item.window': '3' }
    const { version, reportPath, runId } = await train({ users: 40, items: 30 }, settings)
    const { manifest } = await registry.get('recommender', version)
    expect(manifest.config).toMatchObject({ 'next-item': { window: 3 }, trials: 4 })
    const runDir = join(dir, 'runs', runId)
    const lines = (await readFile(join(runDir, 'metrics.ndjson'), 'utf8')).trim().split('\n')
    const steps = lines
      .map((line) => JSON.parse(line) as { step: number; values: Record<string, number> })
      .filter(({ values }) => 'search/next-item/ndcg_at_10' in values)
    // 4 settings on a third of the users; the best 2 and, unless they are among them, the defaults on all
    expect(steps.length).toBeGreaterThanOrEqual(4 + 2)
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1))
    const trials = await readFile(join(runDir, 'artifacts/search/next-item.trials.ndjson'), 'utf8')
    expect(trials.trim().split('\n')).toHaveLength(1 + steps.length)
    expect(trials).toContain('"fixed":{"window":3}')
    expect(await readFile(reportPath, 'utf8')).toContain('Settings tried on the validation part')
  })

  it('leaves out a family that cannot be served, and refuses options that a family does not have', async () => {
    await expect(train({ users: 40, items: 30 }, { families: '["user-knn"]' })).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringContaining('user-knn: it cannot be served'),
    })
    await expect(train({ users: 40, items: 30 }, { 'gmf.epoch': '1' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/gmf: it has no option epoch; expected .*epochs/),
    })
  })

  it('takes factors that were fitted elsewhere on the same interactions, and no others', async () => {
    const world = { users: 40, items: 30 }
    // One factor for each colour: users like the items of their own.
    const colours = (kind: string, id: string, count: number): string =>
      `select '${kind}-' || i as ${id}, case when i % 2 = 0 then [1.0, 0.0] else [0.0, 1.0] end as factors from range(${count}) t(i)`
    const folder = join(dir, 'factors')
    const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 256, threads: 1 })
    for (const [name, sql] of [
      ['users', colours('user', 'user_id', world.users)],
      ['items', colours('content', 'content_id', world.items)],
    ] as const) {
      await mkdir(join(folder, name), { recursive: true })
      await database.run(`copy (${sql}) to '${join(folder, name, 'part-0.parquet')}' (format parquet)`)
    }
    await database.close()
    // Half of the items each, without the last.
    const trainingSet = {
      format: 1,
      before: '2026-11-01T00:00:00Z',
      minRating: null,
      minInteractions: 1,
      rows: 40 * 14,
    }
    const write = (rows: number): Promise<void> => {
      const facts = {
        format: 1,
        rank: 2,
        settings: { alpha: 4 },
        trainingSet: { ...trainingSet, rows, users: 40, items: 30 },
      }
      return writeFile(join(folder, 'factors.json'), JSON.stringify(facts))
    }
    await write(40 * 14)
    const { metrics } = await train(world, { factors: folder })
    // The held-out item is the only one of its colour that is left: it comes first.
    expect(metrics[0]).toMatchObject({ metric: 'ndcg@10', model: { value: 1 } })
    const { manifest } = await registry.get('recommender', 1)
    expect(manifest.config).toMatchObject({ family: 'ials', ials: { embeddingSize: 2, alpha: 4 } })
    await write(7)
    await expect(train(world, { factors: folder })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/expected factors of the 560 interactions .* fitted on 7/),
    })
    await expect(train(world, { factors: folder, split: 'time' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it.each(['neu-mf', 'next-item', 'hybrid'] as const)(
    'measures another artifact (%s) on its own held-out part',
    async (family) => {
      const components = { components: '["next-item","ease"]' }
      const settings =
        family === 'neu-mf' ? smallNeuMf() : settingsOfFamily(family, family === 'hybrid' ? components : {})
      const { metrics } = await train({ users: 40, items: 30 }, settings)
      const artifact = await registry.fetch('recommender', 1)
      const scorer = await openScorer(artifact)
      // The same data and split as the run's own, so the artifact must reach the value that its trainer measured.
      const { userIds, itemIds, times } = checkerboard(40, 30)
      const { trainAndValidation, test } = splitLeaveLast(
        groupByUser({ userIds, itemIds, times }, { minInteractions: 1, firstOnly: true }),
      )
      expect(await evaluateOtherRecommender(artifact, scorer, trainAndValidation, test)).toBeCloseTo(
        metrics[0]!.model.value,
        6,
      )

      const other = (id: string): string => `other-${id}`
      const strangers = {
        ...trainAndValidation,
        users: trainAndValidation.users.map(other),
        items: trainAndValidation.items.map(other),
      }
      expect(await evaluateOtherRecommender(artifact, scorer, strangers, test)).toBe(0)
      await scorer.close()
    },
  )

  it.each([
    ['one single user', { users: 1, items: 400 }, /1 judgedUsers, expected at least 10/],
    ['a handful of events', { users: 12, items: 10 }, /60 interactions, expected at least 100/],
  ])('%s is too little, and says how much is needed', async (_, world, message) => {
    await expect(train(world)).rejects.toMatchObject({
      code: 'DATA_INSUFFICIENT',
      message: expect.stringMatching(message),
    })
  })
})
