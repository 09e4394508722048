import type { FitEnvironment } from '../families/family.ts'
import type { JobContext } from './job.ts'

/** The world around a fit of a job. @param label what progress lines call it */
export const environmentOf = (context: JobContext, label: string): FitEnvironment => ({
  seed: context.seed,
  signal: context.signal,
  log: context.log,
  progress: context.progress,
  backend: context.backend,
  resume: context.resume,
  label,
})
