import { randomBytes } from 'node:crypto'
import type { Logger } from '../../log.ts'
import { openLocalRun } from './local-run.ts'
import { sweepDeadRuns } from './run-folder.ts'
import type { Tracker } from './tracker.ts'

/**
 * The embedded tracker: one folder per run under `runsDir`. Runs that a dead process left RUNNING are marked KILLED first.
 */
export function openLocalTracker(runsDir: string, log: Logger): Tracker {
  for (const { runId } of sweepDeadRuns(runsDir)) log.warn({ runId }, `run ${runId} was left by a dead process: KILLED`)
  return {
    kind: 'local',
    start: async (run) => openLocalRun(runsDir, run.resumeRunId ?? newRunId(run.job), run, null, log),
  }
}

/** Sorts by time and says what it is, e.g. `20261122T221500-neu-mf-3f9a1c`. */
function newRunId(job: string): string {
  const time = new Date().toISOString().replace(/[-:]|\.\d+Z/g, '')
  return `${time}-${job}-${randomBytes(3).toString('hex')}`
}
