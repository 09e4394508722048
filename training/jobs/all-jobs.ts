import { type ModelName, modelNames } from '../../models/artifact/manifest.ts'
import type { TrainingJob } from './job.ts'

/** Each job is loaded when it is asked for, so that listing models, or training one without TF.js, does not load TF.js. */
const loaders: Readonly<Record<ModelName, () => Promise<TrainingJob<never>>>> = {
  'neu-mf': async () => (await import('./neu-mf.ts')).neuMfJob,
  engagement: async () => (await import('./engagement.ts')).engagementJob,
  virality: async () => (await import('./virality.ts')).viralityJob,
  segments: async () => (await import('./segments.ts')).segmentsJob,
  'posting-time': async () => (await import('./posting-time.ts')).postingTimeJob,
}

/** The job that trains `name`. Its configuration type is its own: parse options with `job.config` before `job.run`. */
export const loadTrainingJob = async (name: ModelName): Promise<TrainingJob> =>
  (await loaders[name]()) as unknown as TrainingJob

/** The trainable models in the order in which `train all` trains them. */
export const trainableModels: readonly ModelName[] = modelNames
