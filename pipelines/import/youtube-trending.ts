import { basename, join } from 'node:path'
import { AppError } from '../../errors.ts'
import { dimContent } from '../../features/marts/dim-content.ts'
import { dimCreator } from '../../features/marts/dim-creator.ts'
import { fctContentDaily } from '../../features/marts/fct-content-daily.ts'
import { requireColumns } from './header.ts'
import { momentForms, momentSql } from './moment-sql.ts'
import { type NumberedText, numberText } from './numbered-text.ts'
import {
  type ImportContext,
  type ImportReport,
  type ImportWork,
  runImport,
  type StagedMart,
  withScratch,
} from './run-import.ts'
import type { Staging } from './staging.ts'
import { categoryCase } from './youtube-categories.ts'

const needed = [
  'video_id',
  'trending_date',
  'channel_title',
  'category_id',
  'publish_time',
  'views',
  'likes',
  'comment_count',
]

interface TrendingFile {
  readonly text: NumberedText
  readonly columns: readonly string[]
  readonly country: string
}

/**
 * Imports Kaggle's "Trending YouTube Video Statistics" (one CSV per country, plain or gzip): a channel becomes a creator whose id is
 * its title, a video a content whose id is its YouTube id.
 *
 * The files hold counts since publication, once per day in the list. They become increments per day: the first day holds all
 * counts so far, a later day the difference, so that the sum up to a day is the count seen on it. A count that went down (spam
 * removed) counts as no change. Disabled likes or comments are null. A video in several lists on one day counts once.
 *
 * @param options.country two letters, for files whose name does not begin with them (`INvideos.csv`)
 * @throws AppError as `runImport`; CONFIG_INVALID when a file's country is unknown
 */
export async function importYoutubeTrending(
  context: ImportContext,
  files: readonly string[],
  options: { readonly country?: string } = {},
): Promise<ImportReport> {
  const countries = files.map((file) => countryOf(file, options.country))
  return withScratch(async (scratch) => {
    const prepared: TrendingFile[] = []
    for (const [index, file] of files.entries()) {
      const text = await numberText(file, join(scratch, `${index}.csv`), { separator: ',', quoted: true })
      prepared.push({ text, columns: requireColumns(text, needed), country: countries[index]! })
    }
    return runImport(context, {
      name: 'youtube-trending',
      files,
      stage: async (staging, work) => {
        await staging.run(`
          create temp table sightings (line bigint, country varchar, day date, video_id varchar, channel varchar, title varchar,
            tags varchar, description varchar, category varchar, published_at timestamp, views bigint, likes bigint, comments bigint)`)
        for (const file of prepared) await stageFile(staging, work, file)
        return stageMarts(staging, work)
      },
    })
  })
}

function countryOf(file: string, given: string | undefined): string {
  const country = given ?? /^([A-Z]{2})videos/.exec(basename(file))?.[1]
  if (country !== undefined && /^[A-Z]{2}$/.test(country)) return country
  throw new AppError(
    'CONFIG_INVALID',
    given === undefined
      ? `Expected a file name that begins with its country, as INvideos.csv; got ${basename(file)}. Say it with --country IN.`
      : `Expected a country as two capital letters (ISO 3166-1), e.g. IN; got ${given}.`,
  )
}

async function stageFile(staging: Staging, work: ImportWork, { text, columns, country }: TrendingFile): Promise<void> {
  work.readText(text, 1)
  await staging.load('trending', text, columns, { header: true })
  const before = await staging.count('trending')
  const fields = columns.map((name) => `"${name}"`).join(', ')
  await staging.run(
    `create or replace temp table trending as select min(line) as line, ${fields} from trending group by ${fields}`,
  )
  const repeats = before - (await staging.count('trending'))
  if (repeats > 0) work.note(`${basename(text.source)}: ${repeats} rows repeat another exactly and were left out`)
  await staging.reject('trending', text.source, [
    {
      // What a spreadsheet makes of an id that begins with - or =.
      when: `coalesce(video_id, '') in ('', '#NAME?')`,
      reason: `'expected a video id; got ' || coalesce(video_id, 'nothing')`,
    },
    {
      when: `try_strptime(trending_date, '%y.%d.%m') is null`,
      reason: `'expected trending_date as YY.DD.MM; got ' || coalesce(trending_date, 'nothing')`,
    },
    {
      when: `${momentSql('publish_time')} is null`,
      reason: `'expected publish_time as ${momentForms}; got ' || coalesce(publish_time, 'nothing')`,
    },
    ...['views', 'likes', 'comment_count'].map((name) => ({
      when: `coalesce(try_cast(${name} as bigint) < 0, true)`,
      reason: `'expected ${name} as a whole number, 0 or more; got ' || coalesce(${name}, 'nothing')`,
    })),
  ])
  const has = (name: string): string => (columns.includes(name) ? name : 'null')
  const unless = (flag: string, value: string): string =>
    columns.includes(flag) ? `case when lower(${flag}) = 'true' then null else ${value} end` : value
  await staging.run(`
    insert into sightings
    select line, '${country}', cast(strptime(trending_date, '%y.%d.%m') as date), video_id, nullif(trim(channel_title), ''), ${has('title')},
      replace(nullif(${has('tags')}, '[none]'), '"', ''), ${has('description')}, ${categoryCase('category_id')},
      ${momentSql('publish_time')}, cast(views as bigint), ${unless('ratings_disabled', 'cast(likes as bigint)')},
      ${unless('comments_disabled', 'cast(comment_count as bigint)')}
    from trending; drop table trending`)
}

async function stageMarts(staging: Staging, work: ImportWork): Promise<StagedMart[]> {
  // Days that the warehouse has from an earlier file count too: totals are rebuilt from increments, joined, and taken apart again.
  await staging.run(`
    create temp table totals as
    with seen as (
      select video_id, day, max(views) as views, max(likes) as likes, max(comments) as comments from sightings group by 1, 2
    ), known as (
      select content_id as video_id, date as day, ${earlier('views')}, ${earlier('likes')}, ${earlier('comments')}
      from fct_content_daily where content_id in (select video_id from seen)
    )
    select video_id, day, max(views) as views, max(likes) as likes, max(comments) as comments
    from (select * from seen union all select * from known) as joined group by 1, 2;
    create temp table daily as
    select row_number() over (order by day, video_id) as line, video_id as content_id, day as date,
      ${increment('views')}, ${increment('likes')}, ${increment('comments')}
    from totals`)
  const fell = await staging.count(`(
    select views < lag(views) over (partition by video_id order by day) as fell from totals) as steps where fell`)
  if (fell > 0) work.note(`views went down ${fell} times from one day to the next; such a day has 0 new views`)
  // The latest sighting describes a video, also among earlier imports; a channel keeps the country in which it was first imported,
  // which is the one in whose list it appears most. So the order of imports can be repeated without going to and fro.
  const latest = (name: string, column = name): string =>
    `case when m.updated_at >= s.day then coalesce(m.${column}, s.${name}) else coalesce(s.${name}, m.${column}) end as ${column}`
  await staging.run(`
    create temp table contents as
    select row_number() over (order by s.video_id) as line, s.video_id as content_id, 'youtube' as platform,
      ${latest('channel', 'creator_id')}, ${latest('title')}, ${latest('description')}, ${latest('tags')}, ${latest('category')},
      ${latest('published_at')}, greatest(cast(s.day as timestamp), m.updated_at) as updated_at
    from (select *, row_number() over (partition by video_id order by day desc, country, line) as nth from sightings) as s
      left join dim_content m on m.content_id = s.video_id
    where s.nth = 1;
    create temp table channels as
    select row_number() over (order by c.channel) as line, c.channel as creator_id, 'youtube' as platform, c.channel as name,
      coalesce(m.country, c.country) as country, coalesce(m.category, c.category) as category
    from (
      select channel, country, category, row_number() over (partition by channel order by count(*) desc, country, category) as nth
      from sightings where channel is not null group by channel, country, category
    ) as c left join dim_creator m on m.creator_id = c.channel and m.platform = 'youtube'
    where c.nth = 1`)
  const file = 'youtube-trending'
  return [
    { mart: dimCreator, table: 'channels', file, columns: ['creator_id', 'platform', 'name', 'country', 'category'] },
    {
      mart: dimContent,
      table: 'contents',
      file,
      columns: [
        'content_id',
        'platform',
        'creator_id',
        'title',
        'description',
        'tags',
        'category',
        'published_at',
        'updated_at',
      ],
    },
    { mart: fctContentDaily, table: 'daily', file, columns: ['content_id', 'date', 'views', 'likes', 'comments'] },
  ]
}

/** Running total of a measure that the mart holds as increments; null on a day without it. */
const earlier = (name: string): string =>
  `case when ${name} is not null then cast(sum(${name}) over (partition by content_id order by date rows unbounded preceding) as bigint) end as ${name}`

/** Increment of a total: never negative, since it starts from the highest total seen so far. */
const increment = (name: string): string =>
  `${name} - least(${name}, coalesce(max(${name}) over (partition by video_id order by day rows between unbounded preceding and 1 preceding), 0)) as ${name}`
