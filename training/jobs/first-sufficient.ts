import { AppError } from '../../errors.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import type { JobContext } from './job.ts'

/**
 * What `read` makes of the first of the headlines of which there is enough.
 *
 * @param headlines at least one
 * @throws AppError DATA_INSUFFICIENT when there is of none, as the first one has it that takes the fewest days
 */
export function firstSufficient<Name extends OutcomeName, Read>(
  headlines: readonly Name[],
  read: (headline: Name) => Read,
  log: JobContext['log'],
): Read {
  const errors: { readonly days: number; readonly error: AppError }[] = []
  for (const headline of headlines) {
    try {
      return read(headline)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'DATA_INSUFFICIENT') throw error
      log.info({ headline, reason: error.message }, 'not judged by this outcome')
      errors.push({ days: partsOfOutcome(headline).days, error })
    }
  }
  const { error } = errors.reduce((least, its) => (its.days < least.days ? its : least))
  if (errors.length === 1) throw error
  throw new AppError('DATA_INSUFFICIENT', `None of ${headlines.join(', ')} is known of enough. ${error.message}`)
}
