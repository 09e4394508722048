import { AppError } from '../../errors.ts'
import type { MartSource, SqlParameter } from '../../features/sources/mart-source.ts'
import { EventColumns } from './event-columns.ts'
import { type GroupingOptions, groupEvents } from './group-by-user.ts'
import type { Interactions } from './interactions.ts'
import { notErased } from './not-erased.ts'

export interface InteractionOptions extends GroupingOptions {
  /** A rating below this does not count as liking; ratings all count when absent. */
  readonly minRating?: number | undefined
  /** Only events before this moment; all of them when absent. */
  readonly before?: Date | undefined
  /**
   * How much an event of each type says; a negative number is dislike, 0 leaves the type out, a type that is not named counts 1. Without it
   * every event counts alike, and a skip not at all.
   */
  readonly eventWeights?: Readonly<Record<string, number>> | null | undefined
}

/**
 * Reads what users did from the warehouse: what they liked (every event but `skip`, ratings from `minRating` on) or, with `eventWeights`,
 * how much each event says. People who deleted their account or did not agree to personalisation are left out.
 *
 * Ties in time are kept in the order of their event ids: importers number them by the row of the file, and the order within a tie moves
 * metrics by a third on MovieLens.
 *
 * @returns with `weights` where there are `eventWeights`; users with nothing but dislikes stay, and are judged by nothing
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 * @throws AppError DATA_INSUFFICIENT when there is no such event
 */
export async function readInteractions(source: MartSource, options: InteractionOptions): Promise<Interactions> {
  const { eventWeights = null } = options
  const parameters: SqlParameter[] = []
  const parameter = (value: SqlParameter): string => `$${parameters.push(value)}`
  const { minRating, before } = options
  const ratings = minRating === undefined ? '' : `AND (i.event_type <> 'rating' OR i.value >= ${parameter(minRating)})`
  const cut = before === undefined ? '' : `AND i.occurred_at < ${parameter(before)}`
  const events = new EventColumns({ weighted: eventWeights !== null })
  const batches = source.read(
    `SELECT i.user_id, i.content_id, i.event_type, cast(extract(epoch from i.occurred_at) as double precision) AS seconds
     FROM fct_interactions i
     WHERE ${eventWeights === null ? "i.event_type <> 'skip'" : '1 = 1'} ${ratings} ${cut} AND ${notErased('i')}
     ORDER BY i.occurred_at, i.event_id`,
    { user_id: 'string', content_id: 'string', event_type: 'string', seconds: 'float64' },
    parameters,
  )
  for await (const { rowCount, columns } of batches) {
    for (let row = 0; row < rowCount; row++) {
      const weight = eventWeights?.[columns.event_type[row]!] ?? 1
      if (weight !== 0) events.push(columns.user_id[row]!, columns.content_id[row]!, columns.seconds[row]!, weight)
    }
  }
  if (events.length === 0) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'fct_interactions has no event that counts as liking (any type but skip) of anyone who may be learned from (dim_user: consent_personalization, deleted_at). Import interactions first, e.g. `contentflow sample`.',
    )
  }
  return groupEvents(events, options)
}
