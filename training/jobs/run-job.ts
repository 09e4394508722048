import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, toAppError } from '../../errors.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import type { OfflineStore } from '../../features/store/offline-store.ts'
import type { Logger } from '../../log.ts'
import type { Manifest, MetricRow } from '../../models/artifact/manifest.ts'
import { writeArtifact } from '../../models/artifact/write-artifact.ts'
import { withFolderLock } from '../../models/registry/folder-lock.ts'
import type { ModelRegistry } from '../../models/registry/model-registry.ts'
import type { OpenScorer } from '../../models/scorer.ts'
import type { Progress } from '../../progress.ts'
import type { TfBackendName } from '../backend/select-backend.ts'
import type { ReportSection } from '../report/report.ts'
import type { RunTracker, Tracker } from '../tracking/tracker.ts'
import { compareChampion } from './compare-champion.ts'
import { type ChampionResult, judge, type Verdict } from './gate.ts'
import type { TrainedModel, TrainingJob } from './job.ts'
import { parseJobConfig } from './job-config.ts'
import { writeRunReport } from './run-report.ts'
import { startRun } from './start-run.ts'

export interface RunJobOptions {
  readonly job: TrainingJob
  /** `key=value` settings of the job; see `parseJobConfig`. */
  readonly settings: Readonly<Record<string, string>>
  readonly seed: number
  /** TF.js backend to train on, as `openBackend` takes it. */
  readonly backend: TfBackendName | 'auto'
  readonly resume: boolean
  readonly source: MartSource
  readonly offline: OfflineStore
  readonly registry: ModelRegistry
  readonly tracker: Tracker
  readonly openScorer: OpenScorer
  readonly progress: Progress
  readonly log: Logger
  readonly signal: AbortSignal
  /** Folder of all runs; this one works in `<runsDir>/<runId>`. */
  readonly runsDir: string
  readonly gitSha: string | null
  readonly gitBranch?: string | null
}

export interface RunJobResult {
  readonly runId: string
  readonly version: number
  readonly promoted: boolean
  readonly reason: string
  readonly metrics: readonly MetricRow[]
  readonly synthetic: boolean
  readonly reportPath: string
}

/**
 * Trains one model from start to verdict: run → artifact → golden batch → comparison with the champion → report → registry.
 *
 * The registry is touched last: whatever fails before leaves it as it was. A refused model stays challenger, which is no error.
 *
 * @throws AppError CONFIG_INVALID before anything ran; CANCELLED after a signal, with the checkpoint kept; whatever the job throws
 */
export async function runJob(options: RunJobOptions): Promise<RunJobResult> {
  const { job, seed, runsDir, log, signal } = options
  const config = parseJobConfig(job, options.settings)
  signal.throwIfAborted()
  const run = await startRun(options, config)
  const workDir = join(runsDir, run.runId)
  const started = performance.now()
  try {
    const { source, offline, progress, resume, backend } = options
    const trained = await job.run(
      { source, offline, tracker: run, progress, log, signal, seed, backend, workDir, resume },
      config,
    )
    signal.throwIfAborted()
    logFinalMetrics(run, trained.metrics, (performance.now() - started) / 1000)
    const { manifest, report } = await writeVerified(trained, join(workDir, 'artifact'), run.runId, options)
    signal.throwIfAborted()
    // One verdict at a time: the champion must not change between the comparison with it and the promotion.
    const { verdict, version, reportPath } = await withFolderLock(
      join(runsDir, `.gate-${job.name}`),
      () => judgeAndRegister(trained, { manifest, report }, workDir, options),
      { waitMs: 600_000 },
    )
    run.artifact(reportPath, 'reports')
    run.artifact(join(workDir, 'metrics.json'), 'reports')
    run.tag('contentflow.gate', verdict.passed ? 'passed' : 'refused')
    run.tag('contentflow.gate_reason', verdict.reason)
    run.tag('contentflow.version', String(version))
    run.tag('mlflow.note.content', note(manifest, version, verdict))
    await run.finish('FINISHED')
    return {
      runId: run.runId,
      version,
      promoted: verdict.passed,
      reason: verdict.reason,
      metrics: trained.metrics,
      synthetic: manifest.synthetic,
      reportPath,
    }
  } catch (thrown) {
    throw await endBroken(run, thrown, options)
  }
}

interface Written {
  readonly manifest: Manifest
  readonly report: readonly ReportSection[]
}

/** The artifact of the run, opened once with the serving runtime: what cannot be served is never registered. */
async function writeVerified(
  trained: TrainedModel,
  dir: string,
  runId: string,
  { job, seed, gitSha, openScorer }: RunJobOptions,
): Promise<Written> {
  await rm(dir, { recursive: true, force: true }) // of an attempt that is now resumed
  const manifest = await writeArtifact(dir, {
    network: trained.network,
    golden: trained.golden,
    arrays: trained.arrays,
    json: trained.json,
    manifest: {
      ...trained.manifest,
      model: job.name,
      createdAt: new Date().toISOString(),
      runId,
      seed,
      gitSha,
      metrics: [...trained.metrics],
    },
  })
  const scorer = await openScorer(dir)
  try {
    return { manifest, report: await trained.report(scorer) }
  } finally {
    await scorer.close()
  }
}

async function judgeAndRegister(
  trained: TrainedModel,
  { manifest, report }: Written,
  workDir: string,
  { job, registry, openScorer, log, signal }: RunJobOptions,
): Promise<{ verdict: Verdict; version: number; reportPath: string }> {
  const champion: ChampionResult = trained.gate.passed
    ? await compareChampion(trained, join(workDir, 'artifact'), { model: job.name, registry, openScorer, log })
    : { kind: 'none' }
  const verdict = judge(trained.gate, trained.metrics[0], champion)
  const reportPath = await writeRunReport({ workDir, description: job.description, manifest, report, verdict })
  signal.throwIfAborted()
  const registered = await registry.register(join(workDir, 'artifact'), `Trained by \`contentflow train ${job.name}\`.`)
  const { version } = registered
  if (verdict.passed) await registry.promote(job.name, version, verdict.reason)
  else await registry.refuse(job.name, version, verdict.reason)
  return { verdict, version, reportPath }
}

/** The held-out metrics, ours under `test/`, a baseline's under `baseline/<name>/`; what the run took under `system/`. */
function logFinalMetrics(run: RunTracker, rows: readonly MetricRow[], seconds: number): void {
  const values: Record<string, number> = {
    'system/training_seconds': seconds,
    'system/peak_memory_mb': process.resourceUsage().maxRSS / 1024,
  }
  for (const { metric, model, baselines } of rows) {
    values[`test/${metric}`] = model.value
    for (const [name, estimate] of Object.entries(baselines)) {
      values[`baseline/${name}/${metric}`] = estimate.value
    }
  }
  run.metrics(values, 0)
}

async function endBroken(
  run: RunTracker,
  thrown: unknown,
  { job, log, signal, runsDir }: RunJobOptions,
): Promise<AppError> {
  const error = signal.aborted ? toAppError(signal.reason, 'CANCELLED') : toAppError(thrown)
  run.tag('contentflow.error', `${error.code}: ${error.message}`)
  await run.finish(error.code === 'CANCELLED' ? 'KILLED' : 'FAILED')
  log.info({ runId: run.runId, code: error.code }, `run ${run.runId} of ${job.name} ended early`)
  const command = 'the same `contentflow train` command and --resume'
  if (error.code === 'REGISTRY_FAILED') {
    const kept = `What was trained is kept in ${join(runsDir, run.runId)}; when the registry is back, go on with ${command}.`
    return new AppError(error.code, `${error.message} ${kept}`, { cause: thrown, details: { runId: run.runId } })
  }
  if (error.code !== 'CANCELLED') return error
  return new AppError(
    'CANCELLED',
    `Training of ${job.name} was stopped; what it had finished is kept. Go on after its last finished epoch with ${command}.`,
    { cause: thrown, details: { runId: run.runId } },
  )
}

function note(manifest: Manifest, version: number, verdict: Verdict): string {
  const lines = manifest.metrics.map(({ metric, model }) => `| ${metric} | ${model.value} |`)
  return [
    `**${manifest.model}** version ${version}: ${verdict.passed ? 'champion' : 'refused'}. ${verdict.reason}`,
    manifest.synthetic ? 'Trained on synthetic data: these figures say nothing about quality.' : '',
    `| metric | held-out |\n|---|---|\n${lines.join('\n')}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}
