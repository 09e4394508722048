import process from 'node:process'
import { type Config, loadConfig } from '../config.ts'
import { type AppError, type ErrorCode, toAppError } from '../errors.ts'
import { createLogger, type Logger } from '../log.ts'
import { type Progress, terminalProgress } from '../progress.ts'

/** What every command works with. */
export interface CommandContext {
  readonly config: Config
  readonly log: Logger
  readonly progress: Progress
  /** Aborts on SIGINT and SIGTERM, so that long work can stop at its last good state. */
  readonly signal: AbortSignal
  /** Results go to stdout; logs and progress go to stderr. */
  readonly print: (text: string) => void
}

const exitCodes: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 2,
  INPUT_INVALID: 2,
  WAREHOUSE_MISSING: 3,
  MART_INVALID: 3,
  DATA_INSUFFICIENT: 3,
  WAREHOUSE_FAILED: 4,
  STORE_FAILED: 4,
  REGISTRY_FAILED: 4,
  DISK_FULL: 5,
  CANCELLED: 130,
}

export const exitCodeHelp = `Exit codes:
  0 done   1 failed, or a check found errors   2 wrong flag, setting or input   3 data missing or too little
  4 warehouse, store, registry or tracking server failed   5 disk full   130 stopped by a signal`

/** Exit code of an error: see `exitCodeHelp`. */
const exitCode = (error: AppError): number => exitCodes[error.code] ?? 1

/**
 * Turns a function over the command's context into a commander action: settings from the environment, signals to an AbortSignal,
 * errors to one readable line and an exit code.
 */
export function action<A extends unknown[]>(
  run: (context: CommandContext, ...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    const controller = new AbortController()
    const stop = (): void => controller.abort()
    process.on('SIGINT', stop).on('SIGTERM', stop)
    try {
      const config = loadConfig(process.env)
      await run(
        {
          config,
          log: createLogger(config.logLevel),
          progress: terminalProgress(process.stderr),
          signal: controller.signal,
          print: (text) => process.stdout.write(`${text}\n`),
        },
        ...args,
      )
    } catch (thrown) {
      const error = toAppError(thrown)
      process.stderr.write(`${error.code}: ${error.message}\n`)
      if (error.code === 'INTERNAL') process.stderr.write(`${error.stack}\n`)
      process.exitCode = exitCode(error)
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop)
    }
  }
}
