import type { ColumnTypes, SqlParameter } from '../../features/sources/mart-source.ts'
import { notErased } from './not-erased.ts'

/** Which interactions the recommender learns from, for a fit elsewhere; its other options (event weights, a split by time) have no SQL. */
export interface TrainingSetOptions {
  /** Only events before this moment count: those after it must not move what is held out. */
  readonly before: Date
  /** A rating below this does not count as liking; ratings all count when null. */
  readonly minRating: number | null
  /** Users with fewer items are left out. */
  readonly minInteractions: number
}

export const trainingSetColumns = { user_id: 'string', content_id: 'string', seconds: 'float64' } satisfies ColumnTypes

/**
 * The training part of the recommender as one SELECT, the same that `readInteractions` and `splitLeaveLast` make of the marts: what each user
 * liked, an item once, at its first event; without the last item of users who have three or more, by which models are judged.
 *
 * In the part of SQL that DuckDB, PostgreSQL and Redshift share.
 */
export function trainingSetSql({ before, minRating, minInteractions }: TrainingSetOptions): {
  sql: string
  parameters: readonly SqlParameter[]
} {
  const rated = minRating === null ? '' : "and (i.event_type <> 'rating' or i.value >= $3)"
  return {
    sql: `
select placed.user_id, placed.content_id, cast(extract(epoch from placed.occurred_at) as double precision) as seconds
from (
  select firsts.*,
    row_number() over (partition by firsts.user_id order by firsts.occurred_at desc, firsts.event_id desc) as place_from_end,
    count(*) over (partition by firsts.user_id) as items
  from (
    select i.user_id, i.content_id, i.occurred_at, i.event_id,
      row_number() over (partition by i.user_id, i.content_id order by i.occurred_at, i.event_id) as nth
    from fct_interactions i
    where i.event_type <> 'skip' and i.occurred_at < $1 ${rated} and ${notErased('i')}
  ) firsts
  where firsts.nth = 1
) placed
where placed.items >= $2 and (placed.place_from_end > 1 or placed.items < 3)`.trim(),
    parameters: [before, minInteractions, ...(minRating === null ? [] : [minRating])],
  }
}
