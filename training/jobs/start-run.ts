import { createHash } from 'node:crypto'
import { findUnfinishedRun, fingerprintTag } from '../tracking/run-folder.ts'
import type { RunTracker } from '../tracking/tracker.ts'
import type { RunJobOptions } from './run-job.ts'

/**
 * Starts the tracked run of a job or, with `resume`, goes on with its last run that had the same configuration, seed and backend
 * and did not finish.
 *
 * @param config the job's configuration, parsed
 * @throws AppError REGISTRY_FAILED when the tracking server cannot be reached
 */
export async function startRun(options: RunJobOptions, config: unknown): Promise<RunTracker> {
  const { job, seed, resume, runsDir, tracker, gitSha, gitBranch, log } = options
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([job.name, config, seed, options.backend]))
    .digest('hex')
    .slice(0, 32)
  const unfinished = resume ? findUnfinishedRun(runsDir, fingerprint, tracker.uri) : undefined
  if (resume && unfinished === undefined) {
    log.info({ job: job.name, seed }, 'no unfinished run with this configuration and seed: starting a new one')
  }
  return tracker.start({
    job: job.name,
    parameters: { ...flatten(config), seed },
    tags: {
      [fingerprintTag]: fingerprint,
      'contentflow.algorithm': job.name,
      'mlflow.source.type': 'JOB',
      'mlflow.source.name': `contentflow train ${job.name}`,
      ...(gitSha === null ? {} : { 'mlflow.source.git.commit': gitSha }),
      ...(gitBranch == null ? {} : { 'mlflow.source.git.branch': gitBranch }),
    },
    ...(unfinished === undefined ? {} : { resumeRunId: unfinished.runId }),
  })
}

/** Nested options as `outer.inner`, arrays as JSON text: trackers know plain values only. */
function flatten(value: unknown, prefix = ''): Record<string, string | number | boolean> {
  const flat: Record<string, string | number | boolean> = {}
  for (const [key, entry] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) {
      Object.assign(flat, flatten(entry, `${prefix}${key}.`))
    } else if (typeof entry === 'string' || typeof entry === 'number' || typeof entry === 'boolean') {
      flat[prefix + key] = entry
    } else {
      flat[prefix + key] = JSON.stringify(entry) ?? 'undefined'
    }
  }
  return flat
}
