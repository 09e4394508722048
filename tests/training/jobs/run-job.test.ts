import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../errors.ts'
import { silentLogger } from '../../../log.ts'
import { verifyArtifact } from '../../../models/artifact/read-artifact.ts'
import { openLocalRegistry } from '../../../models/registry/local-registry.ts'
import type { ModelRegistry } from '../../../models/registry/model-registry.ts'
import { silentProgress } from '../../../progress.ts'
import { openScorer } from '../../../serving/runtime/open-scorer.ts'
import type { JobContext } from '../../../training/jobs/job.ts'
import { type RunJobOptions, type RunJobResult, runJob } from '../../../training/jobs/run-job.ts'
import { openLocalTracker } from '../../../training/tracking/local-tracker.ts'
import { readRunRecord } from '../../../training/tracking/run-folder.ts'
import { scalingJob } from '../../support/scaling-job.ts'

let dir: string
let registry: ModelRegistry
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'run-job-'))
  registry = openLocalRegistry(join(dir, 'registry'), { actor: 'ann' })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const runsDir = (): string => join(dir, 'runs')

function train(settings: Record<string, string> = {}, more: Partial<RunJobOptions> = {}): Promise<RunJobResult> {
  const notUsed = undefined as never // the scaling job reads neither marts nor features
  return runJob({
    job: scalingJob(),
    settings,
    seed: 1,
    backend: 'wasm',
    resume: false,
    source: notUsed,
    offline: notUsed,
    registry,
    tracker: openLocalTracker(runsDir(), silentLogger),
    openScorer,
    progress: silentProgress,
    log: silentLogger,
    signal: new AbortController().signal,
    runsDir: runsDir(),
    gitSha: 'abc',
    ...more,
  })
}

const onlyRun = async () => {
  const [runId = ''] = await readdir(runsDir())
  return readRunRecord(join(runsDir(), runId))
}

describe('runJob', () => {
  it('makes the first model that beats its baselines champion', async () => {
    const result = await train({ factor: '3' })
    expect(result).toMatchObject({
      version: 1,
      promoted: true,
      reason: 'Beats popularity. There was no champion before.',
    })
    const champion = await registry.champion('recommender')
    expect(champion).toMatchObject({ version: 1, runId: result.runId })
    expect(champion?.manifest).toMatchObject({ seed: 1, gitSha: 'abc', config: { factor: 3 } })
    await verifyArtifact(await registry.fetch('recommender', 1))
  })

  it('leaves a run with its metrics, tags, report and figures', async () => {
    const { runId, reportPath } = await train()
    const run = readRunRecord(join(runsDir(), runId))
    expect(run).toMatchObject({ status: 'FINISHED', job: 'recommender', droppedMetrics: 1 })
    expect(run.parameters).toMatchObject({ factor: 2, seed: 1, spread: 0 })
    expect(run.tags).toMatchObject({
      'contentflow.gate': 'passed',
      'contentflow.version': '1',
      'mlflow.source.git.commit': 'abc',
    })
    const metrics = (await readFile(join(runsDir(), runId, 'metrics.ndjson'), 'utf8')).trim().split('\n')
    expect(metrics.map((line) => JSON.parse(line).values)).toEqual([
      { 'train/loss': 1 },
      {
        'test/ndcg_at_10': 0.5,
        'baseline/popularity/ndcg_at_10': 0.4,
        'system/training_seconds': expect.any(Number),
        'system/peak_memory_mb': expect.any(Number),
      },
    ])
    expect(await readFile(reportPath, 'utf8')).toContain('Passed the gate.')
    expect((await readdir(join(runsDir(), runId, 'artifacts/reports'))).sort()).toEqual(['metrics.json', 'report.html'])
  })

  it('refuses a model that does not beat its baselines, and records why', async () => {
    const result = await train({ passes: 'false' })
    expect(result).toMatchObject({ version: 1, promoted: false, reason: 'Does not beat popularity.' })
    expect(await registry.champion('recommender')).toBeUndefined()
    expect((await registry.history()).at(-1)).toMatchObject({ action: 'refuse', reason: 'Does not beat popularity.' })
    expect(await readFile(result.reportPath, 'utf8')).toContain('Refused by the gate.')
  })

  it('measures the champion on the same held-out part', async () => {
    await train({ factor: '3' }) // reaches 3 ÷ 10 = 0.3 wherever it is measured again
    expect(await train({ factor: '3' }, { seed: 2 })).toMatchObject({ version: 2, promoted: false })
    expect((await registry.history()).at(-1)?.reason).toContain('0.3 does not beat the champion, version 1, with 0.3')
    expect(await train({ factor: '3.1' })).toMatchObject({ version: 3, promoted: true })
    expect((await registry.champion('recommender'))?.version).toBe(3)
  })

  it('measures the new model from its artifact too, and does not take its own word', async () => {
    await train({ factor: '3' })
    const { promoted, reason } = await train({ factor: '2', metric: '0.9' })
    expect(promoted).toBe(false)
    expect(reason).toContain('0.2 does not beat the champion, version 1, with 0.3')
  })

  it('takes what is better by chance alone for no better', async () => {
    await train({ factor: '3' })
    // .3 against .32, each v·(1 ± 2): the differences are .06 and −.02, their mean .02 ± .04, so noise is 2·.04
    const { promoted, reason } = await train({ factor: '3.2', spread: '2' })
    expect(promoted).toBe(false)
    expect(reason).toContain('within chance (0.08)')
    // each v·(1 ± .4): .028 and .012, mean .02 ± .008, noise .016
    expect((await train({ factor: '3.2', spread: '0.4' })).promoted).toBe(true)
  })

  it('leaves the better of two that are trained at once as champion', async () => {
    const [better, worse] = await Promise.all([train({ factor: '7' }), train({ factor: '6' })])
    expect(better.promoted).toBe(true)
    expect((await registry.champion('recommender'))?.version).toBe(better.version)
    // Promoted or not, depending on which came first: never after the better one.
    expect(worse.promoted).toBe(worse.version < better.version)
  })

  it('counts a champion that cannot be measured any more as beaten, and says so', async () => {
    await train()
    const result = await train({ championFault: 'FEATURES_CHANGED' })
    expect(result).toMatchObject({ version: 2, promoted: true })
    expect(result.reason).toContain(
      'version 1, could not be measured on the same data and counts as beaten: FEATURES_CHANGED',
    )
  })

  it('counts a champion whose manifest was forged as beaten, and says so', async () => {
    await train({ factor: '3' })
    await appendFile(join(dir, 'registry/recommender/versions/1/manifest.json'), ' ')
    const result = await train({ factor: '2' })
    expect(result).toMatchObject({ version: 2, promoted: true })
    expect(result.reason).toContain('version 1, could not be measured on the same data and counts as beaten: ARTIFACT')
  })

  it('does not dethrone the champion because the warehouse failed', async () => {
    await train()
    await expect(train({ championFault: 'WAREHOUSE_FAILED' })).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
    expect((await registry.champion('recommender'))?.version).toBe(1)
    expect((await registry.list()).length).toBe(1)
  })

  it('registers nothing that the runtime cannot reproduce', async () => {
    const job = scalingJob()
    const lying = {
      ...job,
      run: async (context: JobContext, config: unknown) => {
        const trained = await job.run(context, config)
        return { ...trained, golden: { ...trained.golden, outputs: { y: { shape: [2, 2], data: [0, 0, 0, 0] } } } }
      },
    }
    await expect(train({}, { job: lying })).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
    expect(await registry.list()).toEqual([])
    expect((await onlyRun()).status).toBe('FAILED')
  })

  it('keeps what was trained when the registry fails, and says how to go on', async () => {
    const gone: ModelRegistry = {
      ...registry,
      register: async () => {
        throw new AppError('REGISTRY_FAILED', 'MLflow gave no answer.')
      },
    }
    await expect(train({}, { registry: gone })).rejects.toThrow(
      /is kept in .*same `contentflow train` command and --resume/,
    )
    const { runId } = await onlyRun()
    await verifyArtifact(join(runsDir(), runId, 'artifact'))
    expect(await train({}, { resume: true })).toMatchObject({ runId, promoted: true })
  })

  it('keeps the champion when it ends between registration and promotion, and goes on with --resume', async () => {
    await train({ factor: '3' })
    const ending: ModelRegistry = {
      ...registry,
      promote: async () => {
        throw new AppError('REGISTRY_FAILED', 'MLflow gave no answer.')
      },
    }
    await expect(train({ factor: '4' }, { registry: ending })).rejects.toThrow('--resume')
    expect((await registry.champion('recommender'))?.version).toBe(1)
    expect(await train({ factor: '4' }, { resume: true })).toMatchObject({ version: 3, promoted: true })
    expect((await registry.rollback('recommender', 'worse')).version).toBe(1)
  })

  it('ends the run as FAILED when the job fails', async () => {
    await expect(train({ fault: 'too few rows' })).rejects.toMatchObject({ code: 'DATA_INSUFFICIENT' })
    expect(await onlyRun()).toMatchObject({
      status: 'FAILED',
      tags: { 'contentflow.error': 'DATA_INSUFFICIENT: too few rows' },
    })
  })

  it('refuses options before it starts a run', async () => {
    await expect(train({ factor: '101' })).rejects.toThrow(/recommender: factor is 101: .*100/)
    await expect(train({ factr: '1' })).rejects.toThrow(
      'recommender has no option factr; expected one of factor, metric',
    )
    await expect(train({ passes: 'perhaps' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await readdir(runsDir()).catch(() => [])).toEqual([])
  })
})

describe('a signal during training', () => {
  /** Stops itself in the middle of the job. */
  async function stopped(settings: Record<string, string> = {}): Promise<void> {
    const controller = new AbortController()
    const job = scalingJob(async () => controller.abort())
    const training = train(settings, { job, signal: controller.signal })
    await expect(training).rejects.toMatchObject({ code: 'CANCELLED', message: expect.stringContaining('--resume') })
  }

  it('ends the run as KILLED and keeps its checkpoint', async () => {
    await stopped()
    const run = await onlyRun()
    expect(run.status).toBe('KILLED')
    expect(await readFile(join(runsDir(), run.runId, 'checkpoint'), 'utf8')).toBe('fresh')
    expect(await registry.list()).toEqual([])
  })

  it('is gone on from with --resume', async () => {
    await stopped({ factor: '4' })
    const { runId } = await onlyRun()
    const result = await train({ factor: '4' }, { resume: true })
    expect(result).toMatchObject({ runId, promoted: true })
    expect(await readFile(join(runsDir(), runId, 'checkpoint'), 'utf8')).toBe('resumed')
    expect((await onlyRun()).status).toBe('FINISHED')
  })

  it('is not gone on from with another configuration, another seed, or once it has finished', async () => {
    await stopped({ factor: '4' })
    const { runId } = await onlyRun()
    expect((await train({ factor: '5' }, { resume: true })).runId).not.toBe(runId)
    expect((await train({ factor: '4' }, { resume: true, seed: 2 })).runId).not.toBe(runId)
    const resumed = await train({ factor: '4' }, { resume: true })
    expect(resumed.runId).toBe(runId)
    expect((await train({ factor: '4' }, { resume: true })).runId).not.toBe(runId)
  })
})
