import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { AppError } from '../errors.ts'
import { modelNames } from '../models/artifact/manifest.ts'
import { type TrainOutcome, trainModels } from '../training/jobs/train-models.ts'
import { buildStep, publishStep } from './feature-steps.ts'
import { importEvents } from './import/events.ts'
import type { PipelineContext } from './pipeline-context.ts'
import { withPipelineLock } from './pipeline-lock.ts'

export interface RetrainOptions extends PipelineContext {
  readonly seed: number
  /** Told as soon as each model is done. */
  readonly onOutcome?: (outcome: TrainOutcome) => void
}

/** What a retraining did, also when some models failed: see `requireAllTrained`. */
export interface RetrainResult {
  /** Events that the service had taken and the warehouse did not know yet. */
  readonly newEvents: number
  readonly snapshotsBuilt: number
  readonly outcomes: readonly TrainOutcome[]
  /** The online store's new version. */
  readonly onlineVersion: string
  readonly seconds: number
}

/**
 * One retraining: posted events into the warehouse → features → all models → the online store.
 *
 * A model that is refused stays challenger, and the champion goes on serving; a model that fails does not keep the others from being
 * trained, nor the fresh features from being published: its error is among the outcomes.
 *
 * @throws AppError CONFLICT when another pipeline runs on this DATA_DIR | CANCELLED | what importing, building or publishing throws
 */
export async function retrain(options: RetrainOptions): Promise<RetrainResult> {
  const { config, log } = options
  return withPipelineLock(config.dataDir, 'retrain', log, () => retrainLocked(options))
}

async function retrainLocked(options: RetrainOptions): Promise<RetrainResult> {
  const { config, log, signal, onOutcome, git, ...rest } = options
  const started = performance.now()
  const newEvents = await ingest(options)
  signal.throwIfAborted()
  const built = await buildStep(options)
  signal.throwIfAborted()
  const outcomes: TrainOutcome[] = []
  for await (const outcome of trainModels({ config, log, signal, models: modelNames, ...rest, ...git })) {
    if ('error' in outcome) log.error({ model: outcome.model, err: outcome.error }, 'training failed')
    onOutcome?.(outcome)
    outcomes.push(outcome)
  }
  signal.throwIfAborted()
  const { version } = await publishStep(options)
  return {
    newEvents,
    snapshotsBuilt: built.reduce((sum, view) => sum + view.built.length, 0),
    outcomes,
    onlineVersion: version,
    seconds: (performance.now() - started) / 1000,
  }
}

/** A warehouse on a server is filled by its own pipelines: there events are for them to collect. */
async function ingest({ config, log, progress, signal }: RetrainOptions): Promise<number> {
  if (config.warehouse.kind !== 'duckdb') {
    log.info('the warehouse is on a server: posted events are not imported, its own pipelines bring them')
    return 0
  }
  if (!(await hasEvents(config.eventsDir))) return 0
  const report = await importEvents({ config, progress, signal }, config.eventsDir)
  if (report.rejected > 0)
    log.warn({ rejected: report.rejected, file: report.rejectsFile }, 'some posted events were refused')
  return report.written
}

/** A service that has taken no event yet has not made the folder. */
async function hasEvents(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false
  return (await readdir(folder)).some((name) => name.endsWith('.ndjson'))
}

/** @throws AppError with the first model's code and message, naming all that failed */
export function requireAllTrained({ outcomes }: RetrainResult): void {
  const failed = outcomes.filter((outcome) => 'error' in outcome)
  const [first] = failed
  if (first === undefined) return
  const names = failed.map(({ model }) => model).join(', ')
  throw new AppError(
    first.error.code,
    `Training failed for ${names}; everything else of this retraining is done. The first error: ${first.error.message}`,
    { cause: first.error },
  )
}
