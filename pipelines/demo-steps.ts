import { trainModels } from '../training/jobs/train-models.ts'
import type { DemoOptions, DemoPlan } from './demo.ts'
import { buildStep, publishStep } from './feature-steps.ts'
import { inspectWarehouse } from './sample/existing-warehouse.ts'
import { generateSample } from './sample/generate-sample.ts'
import { sampleWorld } from './sample/world.ts'

const demoSeed = 1

/** Does what the plan says is missing. @throws AppError of the step that failed */
export async function carryOut(plan: DemoPlan, options: DemoOptions): Promise<void> {
  const { config, log, progress, signal, openScorer, git, onOutcome } = options
  await ensureWarehouse(options)
  await buildStep(options)
  const training = {
    config,
    log,
    progress,
    signal,
    openScorer,
    models: plan.train,
    seed: demoSeed,
    resume: true,
    ...git,
  }
  for await (const outcome of plan.train.length === 0 ? [] : trainModels(training)) {
    onOutcome?.(outcome)
    if ('error' in outcome) throw outcome.error
  }
  await publishStep(options)
}

/** An embedded warehouse without rows gets the small sample world; one with data, made up or real, is taken as it is. */
async function ensureWarehouse({ config, progress, signal }: DemoOptions): Promise<void> {
  if (config.warehouse.kind !== 'duckdb') return
  const { path, schema } = config.warehouse
  const where = { path, schema, duckdb: config.duckdb }
  if ((await inspectWarehouse(where)).kind !== 'none') return
  await generateSample(sampleWorld('small', demoSeed), { ...where, progress, signal })
}
