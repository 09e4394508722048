import { featureServices } from '../features/definitions/index.ts'
import { openOnlineStore } from '../features/store/open-online-store.ts'
import { type ModelName, modelNames } from '../models/artifact/manifest.ts'
import type { ModelVersion } from '../models/registry/model-registry.ts'
import { openRegistry } from '../models/registry/open-registry.ts'
import type { TrainOutcome } from '../training/jobs/train-models.ts'
import type { PipelineContext } from './pipeline-context.ts'
import { withPipelineLock } from './pipeline-lock.ts'

/** What stands between the data folder and a complete service. */
export interface DemoPlan {
  /** Models that have no version, or only one made for other features than this code has. */
  readonly train: readonly ModelName[]
  /** Nothing published to the online store yet. */
  readonly publish: boolean
}

export interface DemoOptions extends PipelineContext {
  readonly onOutcome?: (outcome: TrainOutcome) => void
}

/**
 * Makes the data folder complete: warehouse (the small sample world where there is none), features, all models, online store. Each step
 * that is done already is skipped, so a start that was broken off goes on where it stopped.
 *
 * @returns what was missing
 * @throws AppError of the step that failed; CONFLICT when another pipeline runs
 */
export async function prepareDemo(options: DemoOptions): Promise<DemoPlan> {
  const { config, log } = options
  const plan = await planDemo(options)
  if (!plan.publish && plan.train.length === 0) return plan
  // Only now: a start with nothing left to do shall not wait for the training libraries to load.
  const { carryOut } = await import('./demo-steps.ts')
  return withPipelineLock(config.dataDir, 'demo', log, async () => {
    // Looked at again under the lock: another start may just have finished.
    const current = await planDemo(options)
    await carryOut(current, options)
    return current
  })
}

/** Cheap: reads the registry and one key of the online store, and leaves the warehouse alone. */
async function planDemo({ config, log }: DemoOptions): Promise<DemoPlan> {
  const train = await modelsToTrain({ config, log })
  const store = await openOnlineStore(config, log)
  let publish: boolean
  try {
    publish = (await store.version()) === undefined
  } finally {
    await store.close()
  }
  return { train, publish }
}

async function modelsToTrain({ config, log }: Pick<DemoOptions, 'config' | 'log'>): Promise<ModelName[]> {
  const registry = await openRegistry(config, log)
  try {
    const versions = await registry.list()
    return modelNames.filter((model) => !versions.some((version) => version.model === model && fits(version)))
  } finally {
    await registry.close()
  }
}

const fits = ({ manifest: { featureService: used } }: ModelVersion): boolean =>
  used === null || featureServices.some(({ name, schemaHash }) => name === used.name && schemaHash === used.schemaHash)
