import { join } from 'node:path'
import { dimContent } from '../../features/marts/dim-content.ts'
import { dimUser } from '../../features/marts/dim-user.ts'
import { fctInteractions } from '../../features/marts/fct-interactions.ts'
import { requireColumns } from './header.ts'
import { detectMovielens, type MovielensFile } from './movielens-formats.ts'
import { type NumberedText, numberText } from './numbered-text.ts'
import { type ImportContext, type ImportReport, runImport, type StagedMart, withScratch } from './run-import.ts'
import type { Staging } from './staging.ts'

interface PreparedFile {
  readonly spec: MovielensFile
  readonly text: NumberedText
  readonly columns: readonly string[]
}

/**
 * Imports a MovieLens data set: ratings to fct_interactions (event_type `rating`, value = stars), items to dim_content, users to
 * dim_user. Ids stay MovieLens' own.
 *
 * An event id holds the number of its record in the file, so that ORDER BY occurred_at, event_id keeps the file's order among
 * ratings of the same second: in ml-100k half of all steps tie, and another order makes another, harder task. A rated item or a
 * rating user without a row of its own gets a bare one.
 *
 * @param folder RecBole's atomic files, or GroupLens' ml-100k, ml-1m or ml-latest form, recognised by the file names
 * @throws AppError as `runImport`
 */
export async function importMovielens(context: ImportContext, folder: string): Promise<ImportReport> {
  const format = await detectMovielens(folder)
  return withScratch(async (scratch) => {
    const prepare = async (spec: MovielensFile | undefined): Promise<PreparedFile | undefined> => {
      if (spec === undefined) return undefined
      const text = await numberText(spec.file, join(scratch, `${spec.file.replace(/\W/g, '_')}.txt`), spec)
      return { spec, text, columns: spec.columns ?? headerColumns(text, spec.needs ?? []) }
    }
    const ratings = (await prepare(format.ratings))!
    const items = await prepare(format.items)
    const users = await prepare(format.users)
    const given = [ratings, items, users].filter((file) => file !== undefined)
    return runImport(context, {
      name: 'movielens',
      files: given.map((file) => file.text.source),
      dataset: { family: 'movielens', name: format.name },
      stage: async (staging, work) => {
        for (const { text, spec } of given) work.readText(text, spec.columns === undefined ? 1 : 0)
        const staged = await stageRatings(staging, ratings, format.name)
        const stagedItems = await stageItems(staging, items)
        const stagedUsers = await stageUsers(staging, users)
        return [stagedItems, stagedUsers, staged]
      },
    })
  })
}

/** Header names without RecBole's `:type`. */
function headerColumns(text: NumberedText, needs: readonly string[]): string[] {
  const plain = text.firstRecord.replace(/:(token|float|token_seq|float_seq)(?=\s|$)/g, '')
  return requireColumns({ ...text, firstRecord: plain }, needs)
}

const loadFile = (staging: Staging, table: string, { spec, text, columns }: PreparedFile): Promise<void> =>
  staging.load(table, text, columns, { header: spec.columns === undefined, select: spec.select })

async function stageRatings(staging: Staging, file: PreparedFile, dataset: string): Promise<StagedMart> {
  await loadFile(staging, 'ratings', file)
  await staging.reject('ratings', file.text.source, [
    { when: 'user_id is null or item_id is null', reason: `'expected a user and an item; one is empty'` },
    {
      when: 'try_cast(rating as double) is null',
      reason: `'expected a rating in stars; got ' || coalesce(rating, 'nothing')`,
    },
    {
      // Seconds since 1970 as in all MovieLens sets; milliseconds would land in the year 30,000.
      when: 'coalesce(try_cast(seconds as double) not between 0 and 4102444800, true)',
      reason: `'expected a time in seconds since 1970; got ' || coalesce(seconds, 'nothing')`,
    },
  ])
  const headerLines = file.spec.columns === undefined ? 1 : 0
  await staging.run(`
    create temp table interactions as
    select line, '${dataset.replaceAll("'", "''")}-' || lpad(cast(line - ${headerLines} as varchar), 9, '0') as event_id,
      user_id, item_id as content_id, 'movielens' as platform, 'rating' as event_type,
      make_timestamp(cast(cast(seconds as double) * 1000000 as bigint)) as occurred_at, cast(rating as double) as value
    from ratings; drop table ratings`)
  const columns = ['event_id', 'user_id', 'content_id', 'platform', 'event_type', 'occurred_at', 'value']
  return { mart: fctInteractions, table: 'interactions', file: file.text.source, columns }
}

async function stageItems(staging: Staging, file: PreparedFile | undefined): Promise<StagedMart> {
  if (file === undefined)
    await staging.run(
      'create temp table items (line bigint, item_id varchar, title varchar, released timestamp, genres varchar)',
    )
  else await loadFile(staging, 'items', file)
  await staging.run(`
    create temp table contents as
    select line, item_id as content_id, 'movielens' as platform, title, genres as tags, split_part(genres, '|', 1) as category,
      released as published_at
    from items
    union all
    select -row_number() over (order by content_id), content_id, 'movielens', null, null, null, null
    from (select distinct content_id from interactions where content_id not in (select item_id from items where item_id is not null))`)
  const columns = ['content_id', 'platform', 'title', 'tags', 'category', 'published_at']
  return { mart: dimContent, table: 'contents', file: file?.text.source ?? 'ratings', columns }
}

async function stageUsers(staging: Staging, file: PreparedFile | undefined): Promise<StagedMart> {
  if (file === undefined)
    await staging.run('create temp table people (line bigint, user_id varchar, age varchar, gender varchar)')
  else await loadFile(staging, 'people', file)
  // ml-1m gives the lower end of seven bands (1, 18, 25, 35, 45, 50, 56), the other sets years.
  await staging.run(`
    create temp table users as
    with aged as (select line, user_id, gender, try_cast(age as integer) as years from people)
    select line, user_id,
      case when years < 18 then 'under-18' when years < 25 then '18-24' when years < 35 then '25-34'
        when years < 45 then '35-44' when years < 55 then '45-54' when years is not null then '55+' end as age_band,
      case gender when 'F' then 'female' when 'M' then 'male' end as gender, true as consent_personalization
    from aged
    union all
    select -row_number() over (order by user_id), user_id, null, null, true
    from (select distinct user_id from interactions where user_id not in (select user_id from people where user_id is not null))`)
  const columns = ['user_id', 'age_band', 'gender', 'consent_personalization']
  return { mart: dimUser, table: 'users', file: file?.text.source ?? 'ratings', columns }
}
