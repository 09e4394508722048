import { AppError, type ErrorCode, toAppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { ModelName } from '../../models/artifact/manifest.ts'
import type { ModelRegistry } from '../../models/registry/model-registry.ts'
import type { OpenScorer } from '../../models/scorer.ts'
import type { ChampionResult } from './gate.ts'
import type { TrainedModel } from './job.ts'

/** Faults of the surroundings: they say nothing about the champion, so they must not dethrone it. */
const notTheChampionsFault: ReadonlySet<ErrorCode> = new Set([
  'WAREHOUSE_MISSING',
  'WAREHOUSE_FAILED',
  'STORE_FAILED',
  'REGISTRY_FAILED',
  'DISK_FULL',
  'CANCELLED',
  'TOO_BUSY',
])

export interface ComparedWith {
  readonly model: ModelName
  readonly registry: ModelRegistry
  readonly openScorer: OpenScorer
  readonly log: Logger
}

/**
 * The champion's headline metric on the held-out part of a newly trained model.
 *
 * @throws AppError when the warehouse, a store, the registry or the disk failed: then nothing is known about the champion
 */
export async function compareChampion(
  trained: TrainedModel,
  { model, registry, openScorer, log }: ComparedWith,
): Promise<ChampionResult> {
  const champion = await registry.champion(model)
  if (champion === undefined) return { kind: 'none' }
  const { version } = champion
  try {
    const dir = await registry.fetch(model, version)
    const scorer = await openScorer(dir)
    try {
      const value = await trained.evaluateOther(dir, scorer)
      if (Number.isNaN(value)) throw new AppError('ARTIFACT_INVALID', 'its metric is not a number.')
      return { kind: 'measured', version, value }
    } finally {
      await scorer.close()
    }
  } catch (thrown) {
    const error = toAppError(thrown)
    if (notTheChampionsFault.has(error.code)) throw error
    log.warn({ model, version, err: error }, `the champion of ${model} could not be measured`)
    return { kind: 'failed', version, problem: `${error.code}: ${error.message}` }
  }
}
