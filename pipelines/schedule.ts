import { once } from 'node:events'
import { Cron } from 'croner'
import { AppError, toAppError } from '../errors.ts'
import type { Logger } from '../log.ts'

export interface ScheduleOptions {
  /** Cron pattern of five fields, or six with seconds first; in UTC. */
  readonly pattern: string
  readonly run: () => Promise<void>
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Runs something again and again until the signal comes, and returns when the run under way has ended.
 *
 * Runs never overlap: what falls due meanwhile is skipped, and that is logged. A run that fails is logged, and the next one comes.
 *
 * @throws AppError CONFIG_INVALID when the pattern is not a cron pattern, or never comes true
 */
export async function runOnSchedule({ pattern, run, log, signal }: ScheduleOptions): Promise<void> {
  let current: Promise<void> | undefined
  const start = (): void => {
    if (current !== undefined) {
      log.warn({ pattern }, 'skipped: the run before is still under way')
      return
    }
    log.info('scheduled run starts')
    current = run()
      .then(() => log.info('scheduled run done'))
      .catch((error) => logFailure(error, log))
      .finally(() => {
        current = undefined
        if (!signal.aborted) log.info({ next: job.nextRun()?.toISOString() ?? 'never' }, 'waiting for the next run')
      })
  }
  const job = parsePattern(pattern, start)
  try {
    log.info({ pattern, next: job.nextRun()?.toISOString() }, 'scheduled')
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    job.stop()
    await current
  }
}

function parsePattern(pattern: string, start: () => void): Cron {
  let job: Cron
  try {
    job = new Cron(pattern, { timezone: 'UTC' }, start)
  } catch (cause) {
    throw new AppError(
      'CONFIG_INVALID',
      `--schedule is ${JSON.stringify(pattern)}; expected a cron pattern such as "0 3 * * *" (daily at 03:00 UTC).`,
      { cause },
    )
  }
  if (job.nextRun() !== null) return job
  job.stop()
  throw new AppError(
    'CONFIG_INVALID',
    `--schedule is ${JSON.stringify(pattern)}, which never comes true. Check its day and month.`,
  )
}

function logFailure(thrown: unknown, log: Logger): void {
  const error = toAppError(thrown)
  if (error.code === 'CANCELLED') log.info('scheduled run stopped by a signal; the last good state is kept')
  else log.error({ code: error.code, err: error }, 'scheduled run failed; the next one comes as planned')
}
