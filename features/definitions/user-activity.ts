import { defineView } from './define-view.ts'
import { category, number } from './fields.ts'
import { countOf, isPositive, never, ratio, sumWithin, windows } from './sql-fragments.ts'

/**
 * What a person did in the last four weeks, for segments and for ranking.
 *
 * People who deleted their account or did not agree to personalisation have no row at any moment, past ones included.
 */
export const userActivity = defineView({
  name: 'user_activity',
  entity: 'user',
  description: 'What a person watched and how they reacted in the last 7 and 28 days.',
  owner: 'audience',
  ttlSeconds: 30 * 86_400,
  everyDays: 1,
  fields: [
    number('events_7d', 'events', 'interactions of the last 7 days'),
    number('events_28d', 'events', 'interactions of the last 28 days'),
    number('active_days_28d', 'days', 'days with an interaction among the last 28'),
    number('positives_7d', 'events', 'reactions, ratings of 4 or more, and views of at least 70 %, last 7 days'),
    number('positives_28d', 'events', 'the same, last 28 days'),
    number('skips_28d', 'events', 'contents skipped, last 28 days'),
    number('watch_seconds_7d', 'seconds', 'time watched, last 7 days'),
    number('watch_seconds_28d', 'seconds', 'time watched, last 28 days'),
    number('mean_completion_28d', 'share', 'mean share of a content watched, last 28 days'),
    number('distinct_contents_28d', 'contents', 'different contents, last 28 days'),
    number('distinct_creators_28d', 'creators', 'different creators, last 28 days'),
    number('like_share_28d', 'share', 'likes among all interactions, last 28 days'),
    number('comment_share_28d', 'share', 'comments among all interactions, last 28 days'),
    number('share_share_28d', 'share', 'shares among all interactions, last 28 days'),
    number('save_share_28d', 'share', 'saves among all interactions, last 28 days'),
    number('evening_share_28d', 'share', 'interactions from 18:00 to 24:00 UTC, last 28 days'),
    number('night_share_28d', 'share', 'interactions from 0:00 to 6:00 UTC, last 28 days'),
    number('weekend_share_28d', 'share', 'interactions on Saturday and Sunday (UTC), last 28 days'),
    number('events_per_active_day_28d', 'events/day', 'interactions per active day, last 28 days'),
    number('recency_days', 'days', 'days since the last interaction; 365 for a person who never had one', 365),
    number('tenure_days', 'days', 'days since signing up, or since the first interaction where that is unknown'),
    category('country', 'country of the account'),
    category('age_band', 'age band of the account'),
    category('device', 'main device of the account'),
  ],
  inputs: [
    {
      name: 'events',
      rows: 'fct_interactions e left join dim_content c on c.content_id = e.content_id',
      day: 'cast(e.occurred_at as date)',
      columns: [
        ...['user_id', 'content_id', 'event_type', 'occurred_at', 'watch_seconds', 'completion', 'value'].map(
          (name) => `e.${name}`,
        ),
        'c.creator_id',
      ],
    },
    {
      name: 'people',
      rows: `dim_user u
        left join (select user_id, min(occurred_at) as first_at from fct_interactions group by user_id) f on f.user_id = u.user_id
        where u.deleted_at is null and u.consent_personalization`,
      day: 'least(cast(u.signed_up_at as date), cast(f.first_at as date))',
      columns: ['u.user_id', 'u.signed_up_at', 'u.country', 'u.age_band', 'u.device'],
    },
  ],
  // A content counts as distinct on its last day within the window: the row of `pairs` whose next day is outside. That makes the distinct
  // counts plain sums.
  query: () => `${windows(28)},
window_events as (
  select e.*, c.creator_id, cast(e.occurred_at as date) as day
  from fct_interactions e
  left join dim_content c on c.content_id = e.content_id
  where e.occurred_at < (select max(as_of) from moments)
    and e.occurred_at >= (select min(as_of) - 28 from moments)
),
days as (
  select e.user_id, e.day,
    cast(count(*) as double precision) as events,
    ${countOf(isPositive('e'))} as positives,
    ${countOf("e.event_type = 'skip'")} as skips,
    ${countOf("e.event_type = 'like'")} as likes,
    ${countOf("e.event_type = 'comment'")} as comments,
    ${countOf("e.event_type = 'share'")} as shares,
    ${countOf("e.event_type = 'save'")} as saves,
    sum(coalesce(e.watch_seconds, 0)) as watch_seconds,
    sum(coalesce(e.completion, 0)) as completion_sum,
    cast(count(e.completion) as double precision) as completion_count,
    ${countOf('extract(hour from e.occurred_at) >= 18')} as evening,
    ${countOf('extract(hour from e.occurred_at) < 6')} as night,
    ${countOf('extract(dow from e.occurred_at) in (0, 6)')} as weekend
  from window_events e
  group by e.user_id, e.day
),
recent as (
  select w.as_of, d.user_id,
    ${sumWithin(7, 'd.events')} as events_7d,
    sum(d.events) as events_28d,
    count(*) as active_days_28d,
    ${sumWithin(7, 'd.positives')} as positives_7d,
    sum(d.positives) as positives_28d,
    sum(d.skips) as skips_28d,
    ${sumWithin(7, 'd.watch_seconds')} as watch_seconds_7d,
    sum(d.watch_seconds) as watch_seconds_28d,
    sum(d.completion_sum) as completion_sum,
    sum(d.completion_count) as completion_count,
    sum(d.likes) as likes, sum(d.comments) as comments, sum(d.shares) as shares, sum(d.saves) as saves,
    sum(d.evening) as evening, sum(d.night) as night, sum(d.weekend) as weekend
  from windows w
  join days d on d.day = w.day
  group by w.as_of, d.user_id
),
pairs as (
  select user_id, day, creator_id,
    coalesce(lead(day) over (partition by user_id, content_id order by day), ${never}) as next_content_day,
    coalesce(lead(day) over (partition by user_id, creator_id order by day, content_id), ${never}) as next_creator_day
  from (select distinct user_id, content_id, creator_id, day from window_events) p
),
variety as (
  select w.as_of, p.user_id,
    ${countOf('p.next_content_day >= w.as_of')} as distinct_contents_28d,
    ${countOf('p.creator_id is not null and p.next_creator_day >= w.as_of')} as distinct_creators_28d
  from windows w
  join pairs p on p.day = w.day
  group by w.as_of, p.user_id
),
active_days as (
  select user_id, cast(occurred_at as date) as day
  from fct_interactions
  where occurred_at < (select max(as_of) from moments)
  group by user_id, cast(occurred_at as date)
),
stretches as (
  select user_id, day,
    coalesce(lead(day) over (partition by user_id order by day), ${never}) as next_day,
    min(day) over (partition by user_id) as first_day
  from active_days
),
last_seen as (
  select m.as_of, s.user_id, s.day as last_day, s.first_day
  from stretches s
  join moments m on m.as_of > s.day and m.as_of <= s.next_day
),
features as (
  select m.as_of, u.user_id as entity_id,
    coalesce(r.events_7d, 0) as events_7d,
    coalesce(r.events_28d, 0) as events_28d,
    coalesce(r.active_days_28d, 0) as active_days_28d,
    coalesce(r.positives_7d, 0) as positives_7d,
    coalesce(r.positives_28d, 0) as positives_28d,
    coalesce(r.skips_28d, 0) as skips_28d,
    coalesce(r.watch_seconds_7d, 0) as watch_seconds_7d,
    coalesce(r.watch_seconds_28d, 0) as watch_seconds_28d,
    ${ratio('r.completion_sum', 'r.completion_count')} as mean_completion_28d,
    coalesce(v.distinct_contents_28d, 0) as distinct_contents_28d,
    coalesce(v.distinct_creators_28d, 0) as distinct_creators_28d,
    ${ratio('r.likes', 'r.events_28d')} as like_share_28d,
    ${ratio('r.comments', 'r.events_28d')} as comment_share_28d,
    ${ratio('r.shares', 'r.events_28d')} as share_share_28d,
    ${ratio('r.saves', 'r.events_28d')} as save_share_28d,
    ${ratio('r.evening', 'r.events_28d')} as evening_share_28d,
    ${ratio('r.night', 'r.events_28d')} as night_share_28d,
    ${ratio('r.weekend', 'r.events_28d')} as weekend_share_28d,
    ${ratio('r.events_28d', 'r.active_days_28d')} as events_per_active_day_28d,
    coalesce(m.as_of - l.last_day, 365) as recency_days,
    m.as_of - coalesce(cast(u.signed_up_at as date), l.first_day) as tenure_days,
    u.country, u.age_band, u.device
  from moments m
  cross join dim_user u
  left join recent r on r.as_of = m.as_of and r.user_id = u.user_id
  left join variety v on v.as_of = m.as_of and v.user_id = u.user_id
  left join last_seen l on l.as_of = m.as_of and l.user_id = u.user_id
  where u.deleted_at is null and u.consent_personalization
    and (u.signed_up_at < m.as_of or l.last_day is not null)
)`,
})
