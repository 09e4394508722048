import { defineView } from './define-view.ts'
import { number } from './fields.ts'
import { countOf, isPositive, log1p, ratio, sumWithin, windows } from './sql-fragments.ts'

const counters = ['views', 'likes', 'comments', 'shares', 'saves'] as const
const spans = [1, 7, 28] as const

/** How a content does. Contents nobody touched in the last 28 days have no row: all their fields are 0. */
export const contentPopularity = defineView({
  name: 'content_popularity',
  entity: 'content',
  description: 'How much a content was seen and liked in the last 1, 7 and 28 days.',
  owner: 'catalogue',
  ttlSeconds: 14 * 86_400,
  everyDays: 1,
  fields: [
    ...counters.flatMap((counter) =>
      spans.map((days) =>
        number(`log_${counter}_${days}d`, `ln ${counter}`, `ln(1 + ${counter} of the last ${days} days)`),
      ),
    ),
    number('log_impressions_28d', 'ln impressions', 'ln(1 + times shown, last 28 days)'),
    number('click_rate_28d', 'share', 'clicks per impression, last 28 days'),
    number('like_rate_28d', 'share', 'likes per view, last 28 days'),
    number('log_events_7d', 'ln events', 'ln(1 + interactions of known users, last 7 days)'),
    number('log_events_28d', 'ln events', 'the same, last 28 days'),
    number('log_positives_7d', 'ln events', 'ln(1 + positive interactions of known users, last 7 days)'),
    number('log_positives_28d', 'ln events', 'the same, last 28 days'),
    number('mean_completion_28d', 'share', 'mean share watched, last 28 days'),
    number('skip_rate_28d', 'share', 'skips among the interactions of known users, last 28 days'),
    number('positive_rate_28d', 'share', 'positive among the interactions of known users, last 28 days'),
    number('growth', 'ln ratio', 'ln(1 + views of the last day) − ln(1 + mean daily views of the last 7 days)'),
  ],
  inputs: [
    {
      name: 'daily',
      rows: 'fct_content_daily d',
      day: 'cast(d.date as date)',
      columns: ['d.content_id', ...counters.map((c) => `d.${c}`), 'd.impressions', 'd.clicks'],
    },
    {
      name: 'events',
      rows: 'fct_interactions e',
      day: 'cast(e.occurred_at as date)',
      columns: ['e.content_id', 'e.event_type', 'e.value', 'e.completion'],
    },
  ],
  query: () => `${windows(28)},
counts as (
  select d.content_id, cast(d.date as date) as day,
    ${[...counters, 'impressions', 'clicks'].map((c) => `cast(coalesce(d.${c}, 0) as double precision) as ${c}`).join(',\n    ')}
  from fct_content_daily d
  where d.date < (select max(as_of) from moments)
    and d.date >= (select min(as_of) - 28 from moments)
),
daily as (
  select w.as_of, d.content_id,
    ${counters.flatMap((c) => spans.map((days) => `${sumWithin(days, `d.${c}`)} as ${c}_${days}d`)).join(',\n    ')},
    sum(d.impressions) as impressions,
    sum(d.clicks) as clicks
  from windows w
  join counts d on d.day = w.day
  group by w.as_of, d.content_id
),
content_days as (
  select e.content_id, cast(e.occurred_at as date) as day,
    cast(count(*) as double precision) as events,
    ${countOf(isPositive('e'))} as positives,
    ${countOf("e.event_type = 'skip'")} as skips,
    sum(coalesce(e.completion, 0)) as completion_sum,
    cast(count(e.completion) as double precision) as completion_count
  from fct_interactions e
  where e.occurred_at < (select max(as_of) from moments)
    and e.occurred_at >= (select min(as_of) - 28 from moments)
  group by e.content_id, cast(e.occurred_at as date)
),
known as (
  select w.as_of, d.content_id,
    ${sumWithin(7, 'd.events')} as events_7d,
    sum(d.events) as events_28d,
    ${sumWithin(7, 'd.positives')} as positives_7d,
    sum(d.positives) as positives_28d,
    sum(d.skips) as skips,
    sum(d.completion_sum) as completion_sum,
    sum(d.completion_count) as completion_count
  from windows w
  join content_days d on d.day = w.day
  group by w.as_of, d.content_id
),
touched as (
  select as_of, content_id from daily union select as_of, content_id from known
),
features as (
  select t.as_of, t.content_id as entity_id,
    ${counters.flatMap((c) => spans.map((days) => `${log1p(`d.${c}_${days}d`)} as log_${c}_${days}d`)).join(',\n    ')},
    ${log1p('d.impressions')} as log_impressions_28d,
    ${ratio('d.clicks', 'd.impressions')} as click_rate_28d,
    ${ratio('d.likes_28d', 'd.views_28d')} as like_rate_28d,
    ${log1p('k.events_7d')} as log_events_7d,
    ${log1p('k.events_28d')} as log_events_28d,
    ${log1p('k.positives_7d')} as log_positives_7d,
    ${log1p('k.positives_28d')} as log_positives_28d,
    ${ratio('k.completion_sum', 'k.completion_count')} as mean_completion_28d,
    ${ratio('k.skips', 'k.events_28d')} as skip_rate_28d,
    ${ratio('k.positives_28d', 'k.events_28d')} as positive_rate_28d,
    ${log1p('d.views_1d')} - ${log1p('d.views_7d / cast(7 as double precision)')} as growth
  from touched t
  left join daily d on d.as_of = t.as_of and d.content_id = t.content_id
  left join known k on k.as_of = t.as_of and k.content_id = t.content_id
)`,
})
