import { AppError, type ErrorCode, toAppError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { ModelName } from '../../models/artifact/manifest.ts'
import { championChain } from '../../models/registry/audit.ts'
import type { ModelRegistry } from '../../models/registry/model-registry.ts'
import type { OpenScorer } from '../../models/scorer.ts'
import { mean } from '../evaluation/mean.ts'
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
 * The headline metric of the champion and of a newly trained model on the latter's held-out part, both measured from their artifacts
 * in one way: a model beside its own bytes ties.
 *
 * @param artifactDir the new model's artifact
 * @throws AppError when the warehouse, a store, the registry or the disk failed: then nothing is known about the champion
 */
export async function compareChampion(
  trained: TrainedModel,
  artifactDir: string,
  { model, registry, openScorer, log }: ComparedWith,
): Promise<ChampionResult> {
  const version = await championVersion(model, registry)
  if (version === undefined) return { kind: 'none' }
  const measure = async (dir: string): Promise<readonly number[]> => {
    const scorer = await openScorer(dir)
    try {
      const measured = await trained.evaluateOther(dir, scorer)
      const repeats = typeof measured === 'number' ? [measured] : measured
      if (Number.isNaN(mean(repeats))) throw new AppError('ARTIFACT_INVALID', 'its metric is not a number.')
      return repeats
    } finally {
      await scorer.close()
    }
  }
  let theirs: readonly number[]
  try {
    theirs = await measure(await registry.fetch(model, version))
  } catch (thrown) {
    const error = toAppError(thrown)
    if (notTheChampionsFault.has(error.code)) throw error
    log.warn({ model, version, err: error }, `the champion of ${model} could not be measured`)
    return { kind: 'failed', version, problem: `${error.code}: ${error.message}` }
  }
  const ours = await measure(artifactDir)
  return { kind: 'measured', version, value: mean(theirs), challenger: mean(ours), noise: noiseOf(ours, theirs) }
}

/** Its number, also when its manifest is damaged: such a champion must not keep every other model out. */
async function championVersion(model: ModelName, registry: ModelRegistry): Promise<number | undefined> {
  try {
    return (await registry.champion(model))?.version
  } catch (error) {
    if (toAppError(error).code !== 'ARTIFACT_INVALID') throw error
    const version = championChain(await registry.history(model)).at(-1)
    if (version === undefined) throw error
    return version
  }
}

/** Twice the standard error of the mean difference of paired repeats; 0 for a single one, which says nothing of its spread. */
function noiseOf(ours: readonly number[], theirs: readonly number[]): number {
  const differences = ours.map((value, i) => value - theirs[i]!)
  const n = differences.length
  if (n < 2) return 0
  const centre = mean(differences)
  const variance = differences.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1)
  return 2 * Math.sqrt(variance / n)
}
