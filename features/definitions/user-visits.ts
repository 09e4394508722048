import { defineView } from './define-view.ts'
import { number } from './fields.ts'
import { never } from './sql-fragments.ts'

/**
 * How regularly a person has come since the first time, for foretelling who stays away: user_activity looks back four weeks only. People
 * without an interaction have no row; as in user_activity, nor have people who deleted their account or did not agree to personalisation.
 */
export const userVisits = defineView({
  name: 'user_visits',
  entity: 'user',
  description: 'On how many days a person came since the first time, and the gaps between them.',
  owner: 'audience',
  ttlSeconds: 30 * 86_400,
  everyDays: 1,
  fields: [
    number('active_days', 'days', 'days with an interaction so far'),
    number('active_span_days', 'days', 'days from the first one with an interaction to the last'),
    number(
      'mean_gap_days',
      'days',
      'mean days from one day with an interaction to the next; unknown for a single one',
      Number.NaN,
    ),
    number('longest_gap_days', 'days', 'the longest such gap so far; unknown for a single one', Number.NaN),
    number(
      'silence_in_gaps',
      'gaps',
      'days since the last interaction ÷ mean gap; unknown for a single day',
      Number.NaN,
    ),
  ],
  inputs: [
    {
      name: 'events',
      rows: `fct_interactions e join dim_user u on u.user_id = e.user_id
        where u.deleted_at is null and u.consent_personalization`,
      day: 'cast(e.occurred_at as date)',
      columns: ['e.user_id'],
    },
  ],
  // Each day with an interaction holds for one stretch of moments, until the next: see user_activity.
  query: () => `active_days as (
  select e.user_id, cast(e.occurred_at as date) as day
  from fct_interactions e
  join dim_user u on u.user_id = e.user_id
  where u.deleted_at is null and u.consent_personalization and e.occurred_at < (select max(as_of) from moments)
  group by e.user_id, cast(e.occurred_at as date)
),
gaps as (
  select user_id, day,
    row_number() over (partition by user_id order by day) as nth,
    min(day) over (partition by user_id) as first_day,
    day - lag(day) over (partition by user_id order by day) as gap,
    coalesce(lead(day) over (partition by user_id order by day), ${never}) as next_day
  from active_days
),
stretches as (
  select user_id, day, next_day, nth, day - first_day as span,
    max(gap) over (partition by user_id order by day rows unbounded preceding) as longest_gap
  from gaps
),
features as (
  select m.as_of, s.user_id as entity_id,
    s.nth as active_days,
    s.span as active_span_days,
    cast(s.span as double precision) / nullif(s.nth - 1, 0) as mean_gap_days,
    s.longest_gap as longest_gap_days,
    cast((m.as_of - s.day) * (s.nth - 1) as double precision) / nullif(s.span, 0) as silence_in_gaps
  from moments m
  join stretches s on m.as_of > s.day and m.as_of <= s.next_day
)`,
})
