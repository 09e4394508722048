import type { Config } from '../../config.ts'
import { type AppError, toAppError } from '../../errors.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { openOfflineStore } from '../../features/store/open-offline-store.ts'
import type { Logger } from '../../log.ts'
import type { ModelName } from '../../models/artifact/manifest.ts'
import { openRegistry } from '../../models/registry/open-registry.ts'
import type { OpenScorer } from '../../models/scorer.ts'
import type { Progress } from '../../progress.ts'
import { openTracker } from '../tracking/open-tracker.ts'
import { loadTrainingJob } from './all-jobs.ts'
import { buildWhenMissing } from './lazy-features.ts'
import { type RunJobResult, runJob } from './run-job.ts'

export interface TrainModelsOptions {
  readonly config: Config
  /** Trained one after the other, in this order. */
  readonly models: readonly ModelName[]
  /** `key=value` settings of the job; only meaningful for a single model. */
  readonly settings?: Readonly<Record<string, string>>
  readonly seed: number
  readonly resume?: boolean
  readonly openScorer: OpenScorer
  readonly progress: Progress
  readonly log: Logger
  readonly signal: AbortSignal
  readonly gitSha?: string | null
  readonly gitBranch?: string | null
}

export type TrainOutcome =
  | { readonly model: ModelName; readonly seconds: number; readonly result: RunJobResult }
  | { readonly model: ModelName; readonly seconds: number; readonly error: AppError }

/**
 * Trains models against the warehouse, features, registry and tracker of the settings, and yields each outcome as it is known.
 * One model's error does not stop the next; a signal does.
 *
 * @throws AppError when the warehouse, the registry or the tracker cannot be opened, or CANCELLED
 */
export async function* trainModels(options: TrainModelsOptions): AsyncGenerator<TrainOutcome> {
  const { config, models, settings = {}, resume = false, gitSha = null, gitBranch = null, log, signal } = options
  const { seed, openScorer, progress } = options
  const toClose: { close(): Promise<void> }[] = []
  const closing = <T extends { close(): Promise<void> }>(resource: T): T => {
    toClose.unshift(resource)
    return resource
  }
  try {
    const registry = closing(await openRegistry(config, log))
    const tracker = await openTracker(config, log)
    const source = closing(await openMartSource(config))
    const stored = closing(await openOfflineStore(config, log))
    const offline = buildWhenMissing(stored, { config, source, progress, signal, log })
    const opened = { source, offline, registry, tracker }
    const shared = {
      ...opened,
      runsDir: config.runsDir,
      seed,
      backend: config.tfjsBackend,
      resume,
      gitSha,
      gitBranch,
      openScorer,
      progress,
      log,
      signal,
    }
    for (const model of models) {
      const started = performance.now()
      const seconds = (): number => (performance.now() - started) / 1000
      try {
        const job = await loadTrainingJob(model)
        const result = await runJob({ job, settings, ...shared })
        yield { model, seconds: seconds(), result }
      } catch (thrown) {
        const error = toAppError(thrown)
        if (error.code === 'CANCELLED') throw error
        yield { model, seconds: seconds(), error }
      }
    }
  } finally {
    for (const resource of toClose) await resource.close()
  }
}
