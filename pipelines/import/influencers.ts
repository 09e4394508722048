import { join } from 'node:path'
import { dimContent } from '../../features/marts/dim-content.ts'
import { dimCreator } from '../../features/marts/dim-creator.ts'
import { fctContentDaily } from '../../features/marts/fct-content-daily.ts'
import { requireColumns } from './header.ts'
import { momentForms, momentSql } from './moment-sql.ts'
import { type NumberedText, numberText } from './numbered-text.ts'
import { type ImportContext, type ImportReport, runImport, type StagedMart, withScratch } from './run-import.ts'
import type { Staging } from './staging.ts'

const needed = [
  'platform',
  'author_id',
  'created_utc',
  'likes',
  'replies_or_comments',
  'retweets',
  'quotes',
  'hashtags',
]

/**
 * Imports posts of influencers (CSV with one post per line, plain or gzip): a post becomes a content, its author a creator
 * `platform-author`, its hashtags the tags.
 *
 * A content id is `platform-author-second`, and from the second post within one second on `…-2`, `…-3` in file order. The counts are
 * those of one look some time after publication; they stand on the day of publication, so later engagement counts to that day.
 * Retweets and quotes together are the shares. The files hold no text, so title and description stay null.
 *
 * @throws AppError as `runImport`
 */
export async function importInfluencers(context: ImportContext, files: readonly string[]): Promise<ImportReport> {
  return withScratch(async (scratch) => {
    const prepared: { text: NumberedText; columns: readonly string[] }[] = []
    for (const [index, file] of files.entries()) {
      const text = await numberText(file, join(scratch, `${index}.csv`), { separator: ',', quoted: true })
      prepared.push({ text, columns: requireColumns(text, needed) })
    }
    return runImport(context, {
      name: 'influencers',
      files,
      stage: async (staging, work) => {
        await staging.run(`
          create temp table posts (file integer, line bigint, platform varchar, author varchar, created timestamp, tags varchar,
            likes bigint, comments bigint, shares bigint)`)
        for (const [index, { text, columns }] of prepared.entries()) {
          work.readText(text, 1)
          await stageFile(staging, text, columns, index)
        }
        work.note('counts are those of the day they were collected; they stand on the day of publication')
        return stageMarts(staging)
      },
    })
  })
}

async function stageFile(
  staging: Staging,
  text: NumberedText,
  columns: readonly string[],
  file: number,
): Promise<void> {
  await staging.load('raw_posts', text, columns, { header: true })
  await staging.reject('raw_posts', text.source, [
    {
      when: `coalesce(platform, '') = '' or coalesce(author_id, '') = ''`,
      reason: `'expected a platform and an author; one is empty'`,
    },
    {
      when: `${momentSql('created_utc')} is null`,
      reason: `'expected created_utc as ${momentForms}; got ' || coalesce(created_utc, 'nothing')`,
    },
    ...['likes', 'replies_or_comments', 'retweets', 'quotes'].map((name) => ({
      when: `${name} is not null and coalesce(try_cast(${name} as double) < 0, true)`,
      reason: `'expected ${name} as a number, 0 or more; got ' || ${name}`,
    })),
  ])
  // Counts may be written 12 or 12.0.
  const count = (name: string): string => `cast(cast(${name} as double) as bigint)`
  await staging.run(`
    insert into posts
    select ${file}, line, platform, author_id, ${momentSql('created_utc')}, replace(replace(hashtags, '#', ''), ' ', '|'),
      ${count('likes')}, ${count('replies_or_comments')},
      case when coalesce(retweets, quotes) is not null
        then coalesce(${count('retweets')}, 0) + coalesce(${count('quotes')}, 0) end
    from raw_posts; drop table raw_posts`)
}

async function stageMarts(staging: Staging): Promise<StagedMart[]> {
  await staging.run(`
    create temp table numbered as
    select *, platform || '-' || author as creator_id,
      row_number() over (partition by platform, author, created order by file, line) as nth,
      row_number() over (order by file, line) as record
    from posts;
    create temp table contents as
    select record as line, creator_id || '-' || cast(cast(epoch(created) as bigint) as varchar)
        || case when nth > 1 then '-' || nth else '' end as content_id,
      platform, creator_id, tags, created as published_at, cast(created as date) as date, likes, comments, shares
    from numbered;
    create temp table creators as
    select row_number() over (order by creator_id, platform) as line, creator_id, platform
    from (select distinct creator_id, platform from contents) as c`)
  const file = 'influencers'
  return [
    { mart: dimCreator, table: 'creators', file, columns: ['creator_id', 'platform'] },
    {
      mart: dimContent,
      table: 'contents',
      file,
      columns: ['content_id', 'platform', 'creator_id', 'tags', 'published_at'],
    },
    { mart: fctContentDaily, table: 'contents', file, columns: ['content_id', 'date', 'likes', 'comments', 'shares'] },
  ]
}
