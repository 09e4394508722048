import { AppError } from '../../errors.ts'
import type { JobContext } from './job.ts'

/**
 * What `read` makes of the first of the headlines of which there is enough.
 *
 * @throws AppError DATA_INSUFFICIENT as the first one has it, when there is of none
 */
export function firstSufficient<Name extends string, Read>(
  headlines: readonly Name[],
  read: (headline: Name) => Read,
  log: JobContext['log'],
): Read {
  let first: unknown
  for (const headline of headlines) {
    try {
      return read(headline)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'DATA_INSUFFICIENT') throw error
      log.info({ headline, reason: error.message }, 'not judged by this outcome')
      first ??= error
    }
  }
  throw first
}
