import { type ModelName, modelNames } from '../../models/artifact/manifest.ts'
import type { TrainingJob } from './job.ts'

/** Each job is loaded when it is asked for, so that listing models, or training one without TF.js, does not load TF.js. */
const loaders: Readonly<Record<ModelName, () => Promise<TrainingJob>>> = {
  recommender: async () => anyConfig((await import('./recommender.ts')).recommenderJob),
  engagement: async () => anyConfig((await import('./engagement.ts')).engagementJob),
  virality: async () => anyConfig((await import('./virality.ts')).viralityJob),
  revenue: async () => anyConfig((await import('./revenue.ts')).revenueJob),
  'creator-revenue': async () => anyConfig((await import('./creator-revenue.ts')).creatorRevenueJob),
  forecast: async () => anyConfig((await import('./forecast.ts')).forecastJob),
  churn: async () => anyConfig((await import('./churn.ts')).churnJob),
  segments: async () => anyConfig((await import('./segments.ts')).segmentsJob),
  'posting-time': async () => anyConfig((await import('./posting-time.ts')).postingTimeJob),
}

/** The job that trains `name`. Its configuration type is its own: parse options with `job.config` before `job.run`. */
export const loadTrainingJob = (name: ModelName): Promise<TrainingJob> => loaders[name]()

/** Forgets the type of a job's configuration: whoever holds just any job can only hand on what `job.config` parsed. */
const anyConfig = <C>(job: TrainingJob<C>): TrainingJob => job as unknown as TrainingJob

/** The trainable models in the order in which `train all` trains them. */
export const trainableModels: readonly ModelName[] = modelNames
