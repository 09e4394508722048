import { defineView } from './define-view.ts'
import type { FeatureField } from './feature-view.ts'
import { category, number } from './fields.ts'
import { log1p, never, sumWithin, windows } from './sql-fragments.ts'

const counters = ['views', 'likes', 'comments', 'shares'] as const
/** What a content earned in its first 7 days; `reactions` = likes + comments. */
const outcomes = [...counters, 'reactions'] as const
/** How many of the creator's last contents the history covers. */
const deepest = 60
/** How many of them a mean covers. */
const depths = [5, 20, deepest] as const
/** The two outcomes every platform reports one of; they get the finer statistics. */
const mains = ['views', 'reactions'] as const
/** After how many contents, or how many days, a content weighs half as much in a decayed mean. */
const halfLives = [
  { name: '2', age: 'rank - 1', halfLife: 2, unit: 'contents' },
  { name: '7', age: 'rank - 1', halfLife: 7, unit: 'contents' },
  { name: '14d', age: 'days', halfLife: 14, unit: 'days' },
  { name: '60d', age: 'days', halfLife: 60, unit: 'days' },
] as const
/** An older content weighs as one of this age: PostgreSQL refuses a power too small for a double. */
const oldestDays = 3650
/** Outcomes held against each other: the ratio tells how the audience answers, whatever its size. */
const ratios = [
  { name: 'log_likes_per_view_20', of: 'likes', per: 'views' },
  { name: 'log_comments_per_view_20', of: 'comments', per: 'views' },
  { name: 'log_comments_per_like_20', of: 'comments', per: 'likes' },
] as const

const means: readonly FeatureField[] = outcomes.flatMap((outcome) =>
  depths.map((n) =>
    number(
      `mean_log_${outcome}_${n}`,
      `ln ${outcome}`,
      `mean ln(1 + ${outcome} in the first 7 days) of the last ${n} contents`,
    ),
  ),
)
const details: readonly FeatureField[] = mains.flatMap((outcome) => [
  number(`last_log_${outcome}`, `ln ${outcome}`, `ln(1 + ${outcome} in the first 7 days) of the last content`),
  number(`sd_log_${outcome}_20`, `ln ${outcome}`, 'standard deviation of the same over the last 20 contents'),
  number(`sd_log_${outcome}_60`, `ln ${outcome}`, 'over the last 60 contents'),
  number(`median_log_${outcome}_60`, `ln ${outcome}`, 'median over the last 60 contents'),
  number(
    `p95_log_${outcome}_60`,
    `ln ${outcome}`,
    '95th percentile over the last 60 contents: what is viral for this creator',
  ),
  number(`best_log_${outcome}_60`, `ln ${outcome}`, 'largest of the last 60 contents'),
  number(`worst_log_${outcome}_60`, `ln ${outcome}`, 'smallest of the last 60 contents'),
  number(`trend_log_${outcome}`, 'ln ratio', 'mean of the last 5 contents − mean of the last 60'),
  ...halfLives.map(({ name, halfLife, unit }) =>
    number(
      `decayed_log_${outcome}_${name}`,
      `ln ${outcome}`,
      `mean over the last 60 contents, each of which weighs half as much as one that is ${halfLife} ${unit} younger`,
    ),
  ),
])
const rates: readonly FeatureField[] = ratios.map(({ name, of, per }) =>
  number(
    name,
    'ln ratio',
    `mean ln((1 + ${of}) / (1 + ${per})) of those of the last 20 contents that have ${per}; unknown where none has`,
    Number.NaN,
  ),
)

/**
 * What a creator's contents earned so far: the history that predicts the next one.
 *
 * Outcomes are those of a content's first 7 days as known at the moment, so that old and new contents compare. A content counts once it
 * is a day old: before that its numbers say more about its age than about its creator. The subscriber count of dim_creator is left
 * out: it is today's number, and would tell the past about the future; subscriptions are counted from their spells.
 */
export const creatorPerformance = defineView({
  name: 'creator_performance',
  entity: 'creator',
  description: "How a creator's last contents did in their first 7 days, and how often the creator posts.",
  owner: 'creators',
  ttlSeconds: 30 * 86_400,
  everyDays: 1,
  fields: [
    number(
      'has_history',
      'flag',
      '1 when a content at least a day old has known outcomes; else the fields of outcomes are 0, and ratios unknown',
    ),
    number('log_contents', 'ln contents', 'ln(1 + contents published so far)'),
    number('measured_60', 'contents', 'contents with known outcomes among the last 60'),
    ...means,
    ...details,
    ...rates,
    number('posts_7d', 'contents', 'contents published in the last 7 days'),
    number('posts_28d', 'contents', 'contents published in the last 28 days'),
    number('posts_90d', 'contents', 'contents published in the last 90 days'),
    number('days_since_last_post', 'days', 'days since the last content; 365 for a creator without one', 365),
    number('tenure_days', 'days', 'days since the creator joined, or since the first content where that is unknown'),
    number('log_channel_views_7d', 'ln views', 'ln(1 + views of all contents in the last 7 days)'),
    number('log_channel_views_28d', 'ln views', 'ln(1 + views of all contents in the last 28 days)'),
    number(
      'log_channel_reactions_28d',
      'ln reactions',
      'ln(1 + likes and comments on all contents in the last 28 days)',
    ),
    number('log_subscribers', 'ln people', 'ln(1 + people subscribed at the moment, from fct_subscriptions)'),
    category('platform', 'main platform of the creator'),
    category('category', 'category of the creator'),
    category('country', 'country of the creator'),
  ],
  inputs: [
    {
      name: 'contents',
      rows: 'dim_content c where c.creator_id is not null',
      day: 'cast(c.published_at as date)',
      columns: ['c.content_id', 'c.creator_id', 'c.published_at'],
    },
    {
      name: 'daily',
      rows: 'fct_content_daily d join dim_content c on c.content_id = d.content_id where c.creator_id is not null',
      day: 'cast(d.date as date)',
      columns: ['d.content_id', 'c.creator_id', ...counters.map((counter) => `d.${counter}`)],
    },
    {
      name: 'subscribed',
      rows: 'fct_subscriptions s',
      day: 'cast(s.started_at as date)',
      columns: ['s.creator_id'],
    },
    {
      name: 'unsubscribed',
      rows: 'fct_subscriptions s',
      day: 'cast(s.ended_at as date)',
      columns: ['s.creator_id'],
    },
    {
      name: 'creators',
      // The accounts of a creator make one row, which is there from the first day of any of them, or of the first content.
      rows: `dim_creator a join (
          select creator_id, min(first_at) as first_at from (
            select creator_id, joined_at as first_at from dim_creator union all select creator_id, published_at from dim_content
          ) days group by creator_id
        ) f on f.creator_id = a.creator_id`,
      day: 'cast(f.first_at as date)',
      columns: ['a.creator_id', 'a.platform', 'a.category', 'a.country', 'a.joined_at'],
    },
  ],
  // A content is among a creator's last 60 from the day it counts until 60 younger ones count. So each row of `early` holds for one
  // stretch of moments, and `recent` is found by a join of stretches instead of trying 60 ranks for every creator and moment.
  query: () => `${windows(90)},
posted as (
  select content_id, creator_id, cast(published_at as date) as day,
    row_number() over (partition by creator_id order by published_at, content_id) as position,
    coalesce(lead(cast(published_at as date)) over (partition by creator_id order by published_at, content_id), ${never}) as next_day,
    coalesce(lead(cast(published_at as date), ${deepest}) over (partition by creator_id order by published_at, content_id), ${never})
      as outranked_day,
    min(cast(published_at as date)) over (partition by creator_id) as first_day
  from dim_content
  where creator_id is not null and published_at < (select max(as_of) from moments)
),
latest as (
  select m.as_of, p.creator_id, p.position as contents, p.day as last_day, p.first_day
  from posted p
  join moments m on m.as_of > p.day and m.as_of <= p.next_day
),
mature as (
  select m.as_of, p.creator_id, p.position as newest
  from posted p
  join moments m on m.as_of - 1 > p.day and m.as_of - 1 <= p.next_day
),
early_days as (
  select p.content_id, p.creator_id, p.position, p.day as published_day, p.outranked_day, cast(d.date as date) as day,
    ${counters.map((c) => `sum(coalesce(d.${c}, 0)) as ${c}`).join(', ')}
  from posted p
  join fct_content_daily d on d.content_id = p.content_id
  where cast(d.date as date) < p.day + 7 and d.date < (select max(as_of) from moments)
  group by p.content_id, p.creator_id, p.position, p.day, p.outranked_day, cast(d.date as date)
),
early as (
  select creator_id, position, published_day, outranked_day, day,
    coalesce(lead(day) over (partition by content_id order by day), ${never}) as next_day,
    ${counters
      .map((c) => `sum(${c}) over (partition by content_id order by day rows unbounded preceding) as ${c}`)
      .join(',\n    ')}
  from early_days
),
stretches as (
  select creator_id, position, published_day,
    greatest(day + 1, published_day + 2) as first_as_of,
    least(next_day, outranked_day + 1) as last_as_of,
    ${counters.map((c) => `${log1p(c)} as ${c}`).join(',\n    ')},
    ${log1p('likes + comments')} as reactions
  from early
),
recent as (
  select m.as_of, s.creator_id, n.newest + 1 - s.position as rank, least(m.as_of - s.published_day, ${oldestDays}) as days,
    ${outcomes.map((o) => `s.${o}`).join(', ')}
  from stretches s
  join moments m on m.as_of >= s.first_as_of and m.as_of <= s.last_as_of
  join mature n on n.as_of = m.as_of and n.creator_id = s.creator_id
),
history as (
  select as_of, creator_id, count(*) as measured_60,
    ${outcomes.flatMap((o) => depths.map((n) => `${meanOfLast(n, o)} as mean_log_${o}_${n}`)).join(',\n    ')},
    ${mains
      .map(
        (o) => `max(case when rank = 1 then ${o} end) as last_log_${o},
    stddev_samp(case when rank <= 20 then ${o} end) as sd_log_${o}_20,
    stddev_samp(${o}) as sd_log_${o}_60,
    percentile_cont(0.5) within group (order by ${o}) as median_log_${o}_60,
    percentile_cont(0.95) within group (order by ${o}) as p95_log_${o}_60,
    max(${o}) as best_log_${o}_60,
    min(${o}) as worst_log_${o}_60,
    ${meanOfLast(5, o)} - ${meanOfLast(deepest, o)} as trend_log_${o},
    ${halfLives.map((h) => `sum(${weight(h)} * ${o}) / sum(${weight(h)}) as decayed_log_${o}_${h.name}`).join(',\n    ')}`,
      )
      .join(',\n    ')},
    ${ratios.map(({ name, of, per }) => `avg(case when rank <= 20 and ${per} > 0 then ${of} - ${per} end) as ${name}`).join(',\n    ')}
  from recent
  group by as_of, creator_id
),
posts as (
  select w.as_of, p.creator_id,
    ${sumWithin(7, '1')} as posts_7d,
    ${sumWithin(28, '1')} as posts_28d,
    count(*) as posts_90d
  from windows w
  join posted p on p.day = w.day
  group by w.as_of, p.creator_id
),
channel_days as (
  select c.creator_id, cast(d.date as date) as day,
    sum(coalesce(d.views, 0)) as views, sum(coalesce(d.likes, 0) + coalesce(d.comments, 0)) as reactions
  from fct_content_daily d
  join dim_content c on c.content_id = d.content_id
  where c.creator_id is not null
    and d.date < (select max(as_of) from moments) and d.date >= (select min(as_of) - 28 from moments)
  group by c.creator_id, cast(d.date as date)
),
channel as (
  select w.as_of, d.creator_id,
    ${sumWithin(7, 'd.views')} as views_7d,
    sum(d.views) as views_28d,
    sum(d.reactions) as reactions_28d
  from windows w
  join channel_days d on d.day = w.day
  where w.age <= 28
  group by w.as_of, d.creator_id
),
subscription_changes as (
  select creator_id, cast(started_at as date) as day, 1 as change from fct_subscriptions
  union all
  select creator_id, cast(ended_at as date) as day, -1 as change from fct_subscriptions where ended_at is not null
),
subscription_days as (
  select creator_id, day, sum(change) as change from subscription_changes group by creator_id, day
),
subscription_levels as (
  select creator_id, day,
    coalesce(lead(day) over (partition by creator_id order by day), ${never}) as next_day,
    sum(change) over (partition by creator_id order by day rows unbounded preceding) as people
  from subscription_days
),
subscribers as (
  select m.as_of, s.creator_id, s.people
  from subscription_levels s
  join moments m on m.as_of > s.day and m.as_of <= s.next_day
),
accounts as (
  select creator_id, max(platform) as platform, max(category) as category, max(country) as country, min(joined_at) as joined_at
  from dim_creator
  group by creator_id
),
creators as (
  select creator_id from accounts union select creator_id from posted
),
features as (
  select m.as_of, c.creator_id as entity_id,
    case when h.creator_id is null then 0 else 1 end as has_history,
    ${log1p('l.contents')} as log_contents,
    coalesce(h.measured_60, 0) as measured_60,
    ${[...means, ...details].map((field) => `coalesce(h.${field.name}, 0) as ${field.name}`).join(',\n    ')},
    ${ratios.map(({ name }) => `h.${name}`).join(', ')},
    coalesce(p.posts_7d, 0) as posts_7d,
    coalesce(p.posts_28d, 0) as posts_28d,
    coalesce(p.posts_90d, 0) as posts_90d,
    coalesce(m.as_of - l.last_day, 365) as days_since_last_post,
    greatest(m.as_of - coalesce(cast(a.joined_at as date), l.first_day), 0) as tenure_days,
    ${log1p('v.views_7d')} as log_channel_views_7d,
    ${log1p('v.views_28d')} as log_channel_views_28d,
    ${log1p('v.reactions_28d')} as log_channel_reactions_28d,
    ${log1p('s.people')} as log_subscribers,
    a.platform, a.category, a.country
  from moments m
  cross join creators c
  left join accounts a on a.creator_id = c.creator_id
  left join latest l on l.as_of = m.as_of and l.creator_id = c.creator_id
  left join history h on h.as_of = m.as_of and h.creator_id = c.creator_id
  left join posts p on p.as_of = m.as_of and p.creator_id = c.creator_id
  left join channel v on v.as_of = m.as_of and v.creator_id = c.creator_id
  left join subscribers s on s.as_of = m.as_of and s.creator_id = c.creator_id
  where l.creator_id is not null or a.joined_at < m.as_of
)`,
})

/** Mean over the contents of rank 1 to `n`. */
function meanOfLast(n: number, outcome: string): string {
  return n === deepest ? `avg(${outcome})` : `avg(case when rank <= ${n} then ${outcome} end)`
}

/** Weight of a content in a decayed mean. */
function weight({ age, halfLife }: (typeof halfLives)[number]): string {
  return `power(cast(0.5 as double precision), cast(${age} as double precision) / ${halfLife})`
}
