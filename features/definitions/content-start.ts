import { defineView } from './define-view.ts'
import { category, number } from './fields.ts'
import { log1p, never } from './sql-fragments.ts'

const counters = ['views', 'likes', 'comments', 'shares', 'saves'] as const
/** Days after that of publication within which a content counts as young. */
export const youngDays = 28

/**
 * How a content began: what it gained since its publication, while it is young.
 *
 * Counts begin on the day of publication. A content has its first row on the day after, and its last after `youngDays` whole days.
 */
export const contentStart = defineView({
  name: 'content_start',
  entity: 'content',
  description: `What a content gained so far, in its first ${youngDays} days.`,
  owner: 'catalogue',
  ttlSeconds: 14 * 86_400,
  everyDays: 1,
  fields: [
    number(
      'age_days',
      'days',
      'whole days after that of publication: 0 on the day after it; unknown for a content that is not young',
      Number.NaN,
    ),
    number('counted_days', 'days', 'days with counts so far'),
    ...counters.map((counter) => number(`log_${counter}`, `ln ${counter}`, `ln(1 + ${counter} so far)`)),
    number('log_last_views', 'ln views', 'ln(1 + views of the last day)'),
    number('log_last_likes', 'ln likes', 'ln(1 + likes of the last day)'),
    number('log_duration', 'ln seconds', 'ln(1 + duration); unknown where the catalogue has none', Number.NaN),
    category('creator_id', 'who published it'),
    category('platform', 'where it was published'),
    category('category', 'category of the content'),
    category('language', 'language of the content'),
  ],
  inputs: [
    {
      name: 'contents',
      rows: 'dim_content c',
      day: 'cast(c.published_at as date)',
      columns: [
        ...['content_id', 'creator_id', 'platform', 'category', 'language', 'duration_seconds'].map(
          (name) => `c.${name}`,
        ),
        'cast(c.published_at as date)',
      ],
    },
    {
      name: 'daily',
      rows: 'fct_content_daily d',
      day: 'cast(d.date as date)',
      columns: ['d.content_id', ...counters.map((counter) => `d.${counter}`)],
    },
  ],
  query: () => `young as (
  select c.content_id, c.creator_id, c.platform, c.category, c.language, c.duration_seconds, cast(c.published_at as date) as published_day
  from dim_content c
  where c.published_at < (select max(as_of) from moments)
    and cast(c.published_at as date) >= (select min(as_of) - ${youngDays + 1} from moments)
),
daily as (
  select y.content_id, cast(d.date as date) as day,
    ${counters.map((c) => `sum(coalesce(d.${c}, 0)) as ${c}`).join(', ')}
  from young y
  join fct_content_daily d on d.content_id = y.content_id
  where d.date >= y.published_day and cast(d.date as date) <= y.published_day + ${youngDays}
    and d.date < (select max(as_of) from moments)
  group by y.content_id, cast(d.date as date)
),
so_far as (
  select content_id, day, views as last_views, likes as last_likes,
    coalesce(lead(day) over (partition by content_id order by day), ${never}) as next_day,
    count(*) over (partition by content_id order by day rows unbounded preceding) as counted_days,
    ${counters
      .map((c) => `sum(${c}) over (partition by content_id order by day rows unbounded preceding) as ${c}`)
      .join(',\n    ')}
  from daily
),
features as (
  select m.as_of, y.content_id as entity_id,
    m.as_of - y.published_day - 1 as age_days,
    coalesce(s.counted_days, 0) as counted_days,
    ${counters.map((c) => `${log1p(`s.${c}`)} as log_${c}`).join(',\n    ')},
    ${['views', 'likes'].map((c) => `${log1p(`case when s.day = m.as_of - 1 then s.last_${c} end`)} as log_last_${c}`).join(',\n    ')},
    case when y.duration_seconds is not null then ${log1p('y.duration_seconds')} end as log_duration,
    y.creator_id, y.platform, y.category, y.language
  from moments m
  join young y on y.published_day < m.as_of and y.published_day >= m.as_of - ${youngDays + 1}
  left join so_far s on s.content_id = y.content_id and m.as_of > s.day and m.as_of <= s.next_day
)`,
})
