import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { dimContent } from '../../features/marts/dim-content.ts'
import { dimUser } from '../../features/marts/dim-user.ts'
import { fctInteractions } from '../../features/marts/fct-interactions.ts'
import { type NumberedText, numberText } from './numbered-text.ts'
import { type ImportContext, type ImportReport, runImport, withScratch } from './run-import.ts'
import type { Staging } from './staging.ts'

/** First made-up second: 1 January 2000. */
const epochStart = 946_684_800

/**
 * Imports ordered histories without times (`sequences.txt`: user item item …; `item_list.txt`: org_id remap_id title genres;
 * `user_list.txt`: org_id remap_id). Ids become the original ones of the two lists.
 *
 * Times are made up: the n-th item of each user is n minutes after the start of 2000, strictly increasing and the same for all
 * users. Only the order within a user means something; hours, days, trends and freshness do not. An interaction is a `rating`
 * without a value (MovieLens ratings of 3 and more).
 *
 * @throws AppError as `runImport`
 */
export async function importSequences(context: ImportContext, folder: string): Promise<ImportReport> {
  return withScratch(async (scratch) => {
    const prepare = (name: string): Promise<NumberedText> =>
      numberText(join(folder, name), join(scratch, name), { separator: '\t', quoted: false })
    const sequences = await prepare('sequences.txt')
    const items = await prepare('item_list.txt')
    const users = await prepare('user_list.txt')
    requireFirst(sequences, /^\S+( \S+)+$/, 'a user and items separated by spaces')
    requireFirst(items, /^org_id remap_id title/, 'the header org_id remap_id title …')
    requireFirst(users, /^org_id remap_id/, 'the header org_id remap_id')
    return runImport(context, {
      name: 'sequences',
      files: [sequences.source, items.source, users.source],
      dataset: { family: 'movielens', name: 'ml1m_sequences' },
      stage: async (staging, work) => {
        work.readText(sequences, 0)
        for (const list of [items, users]) work.readText(list, 1)
        work.note('times are made up, one minute per step: only the order within a user means something')
        await loadLists(staging, items, users)
        await loadSteps(staging, sequences)
        return [
          {
            mart: dimContent,
            table: 'items',
            file: items.source,
            columns: ['content_id', 'platform', 'title', 'tags', 'category'],
          },
          { mart: dimUser, table: 'people', file: users.source, columns: ['user_id', 'consent_personalization'] },
          {
            mart: fctInteractions,
            table: 'steps',
            file: sequences.source,
            columns: ['event_id', 'user_id', 'content_id', 'platform', 'event_type', 'occurred_at'],
          },
        ]
      },
    })
  })
}

function requireFirst(text: NumberedText, pattern: RegExp, expected: string): void {
  if (pattern.test(text.firstRecord)) return
  throw new AppError(
    'INPUT_INVALID',
    `${text.source}: expected ${expected} on the first line; got ${text.firstRecord.slice(0, 100) || '(empty file)'}. Nothing was imported.`,
    { details: { file: text.source } },
  )
}

async function loadLists(staging: Staging, items: NumberedText, users: NumberedText): Promise<void> {
  // A line is: id id title genres, where a title with spaces stands in double quotes and doubles those inside.
  const pattern = `'^(\\S+) (\\S+) (".*"|\\S+) ?(\\S*)$'`
  await staging.load('item_lines', items, ['text'], { header: true })
  await staging.load('user_lines', users, ['text'], { header: true })
  await staging.reject('item_lines', items.source, [
    { when: `not regexp_matches(text, ${pattern})`, reason: `'expected org_id remap_id title genres'` },
  ])
  await staging.reject('user_lines', users.source, [
    { when: `not regexp_matches(text, '^\\S+ \\S+$')`, reason: `'expected org_id remap_id'` },
  ])
  const part = (index: number): string => `regexp_extract(text, ${pattern}, ${index})`
  await staging.run(`
    create temp table items as
    select line, ${part(1)} as content_id, ${part(2)} as remapped, 'movielens' as platform,
      replace(regexp_replace(${part(3)}, '^"(.*)"$', '\\1'), '""', '"') as title,
      nullif(${part(4)}, '') as tags, split_part(nullif(${part(4)}, ''), '|', 1) as category
    from item_lines;
    create temp table people as
    select line, split_part(text, ' ', 1) as user_id, split_part(text, ' ', 2) as remapped, true as consent_personalization
    from user_lines`)
}

async function loadSteps(staging: Staging, sequences: NumberedText): Promise<void> {
  await staging.load('sequence_lines', sequences, ['text'], { header: false })
  await staging.run(`
    create temp table people_items as
    select line, split_part(text, ' ', 1) as person, string_split(text, ' ')[2:] as items from sequence_lines;
    create temp table all_steps as
    select line, person, unnest(generate_series(1, len(items))) as position, unnest(items) as item from people_items`)
  await staging.run(`
    create temp table raw_steps as
    select s.line, s.person, s.position, s.item, p.user_id, i.content_id
    from all_steps s left join people p on p.remapped = s.person left join items i on i.remapped = s.item`)
  await staging.reject('raw_steps', sequences.source, [
    { when: 'user_id is null', reason: `'expected a user of user_list.txt; got ' || person` },
    { when: 'content_id is null', reason: `'expected an item of item_list.txt; got ' || item` },
  ])
  // From here on `line` only tells rows apart.
  await staging.run(`
    create temp table steps as
    select row_number() over (order by line, position) as line,
      'ml1m_sequences-' || lpad(person, 6, '0') || '-' || lpad(cast(position as varchar), 6, '0') as event_id,
      user_id, content_id, 'movielens' as platform, 'rating' as event_type,
      make_timestamp((${epochStart} + 60 * cast(position as bigint)) * 1000000) as occurred_at
    from raw_steps`)
}
