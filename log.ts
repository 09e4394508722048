import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/**
 * JSON logger to stderr, so that stdout stays free for results.
 *
 * @param level one of pino's levels, e.g. `info`
 * @param destination for tests; stderr by default
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination ?? pino.destination(2))
}

/** A logger that says nothing, for tests and library use. */
export const silentLogger: Logger = pino({ level: 'silent' })
