import { defineView } from './define-view.ts'
import { category, number } from './fields.ts'
import { always, log1p } from './sql-fragments.ts'

/** What a content is, apart from how it does. It hardly moves, so a snapshot a week is enough. */
export const contentProfile = defineView({
  name: 'content_profile',
  entity: 'content',
  description: 'What a content is: age, length, tags, where it belongs.',
  owner: 'catalogue',
  ttlSeconds: 60 * 86_400,
  everyDays: 7,
  fields: [
    number('age_days', 'days', 'days since publication; unknown where the catalogue has no date', Number.NaN),
    number('log_duration', 'ln seconds', 'ln(1 + duration); unknown where the catalogue has none', Number.NaN),
    number('tag_count', 'tags', 'tags of the content'),
    number('title_length', 'characters', 'length of the title'),
    category('creator_id', 'who published it'),
    category('platform', 'where it was published'),
    category('category', 'category of the content'),
    category('language', 'language of the content'),
  ],
  inputs: [
    {
      name: 'contents',
      rows: 'dim_content c',
      // Without a date a content is there at every moment.
      day: `coalesce(cast(c.published_at as date), ${always})`,
      columns: [
        ...['content_id', 'creator_id', 'platform', 'category', 'language', 'title', 'tags'].map((name) => `c.${name}`),
        'c.duration_seconds',
        'c.published_at',
      ],
    },
  ],
  query: () => `features as (
  select m.as_of, c.content_id as entity_id,
    m.as_of - cast(c.published_at as date) as age_days,
    case when c.duration_seconds is not null then ${log1p('c.duration_seconds')} end as log_duration,
    case when c.tags is null or c.tags = '' then 0 else length(c.tags) - length(replace(c.tags, '|', '')) + 1 end as tag_count,
    length(coalesce(c.title, '')) as title_length,
    c.creator_id, c.platform, c.category, c.language
  from moments m
  join dim_content c on c.published_at < m.as_of or c.published_at is null
)`,
})
