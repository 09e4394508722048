import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError } from '../../errors.ts'
import { fctInteractions } from '../../features/marts/fct-interactions.ts'
import { sqlLiteral } from '../../features/sources/sql-literal.ts'
import { jsonLinesFormat, loadJsonLines } from './json-lines.ts'
import { martChecks } from './mart-checks.ts'
import { type NumberedText, numberText } from './numbered-text.ts'
import { type ImportContext, type ImportReport, runImport, withScratch } from './run-import.ts'
import { byRow, type Staging } from './staging.ts'

/** Fields of an event as the service writes it, and the column each becomes. */
const fields = {
  event_id: 'eventId',
  user_id: 'userId',
  content_id: 'contentId',
  platform: 'platform',
  event_type: 'eventType',
  occurred_at: 'occurredAt',
  watch_seconds: 'watchSeconds',
  completion: 'completion',
  value: 'value',
} as const

const numbers = ['watch_seconds', 'completion', 'value'] as const

/** Columns that say what an event is; with the same ones it is the same event. */
const content = Object.keys(fields).filter((column) => column !== 'event_id')

/**
 * Imports the events that the service took (`*.ndjson`, one event per line) into fct_interactions. All files can be imported again and
 * again, also the one still being written, whose unfinished last line waits for the next time.
 *
 * An event is only ever added: ids come from clients, so one that the marts have must not change what is there. The same event again
 * counts as unchanged; another one with an id that is in the marts, or earlier in the files, is rejected, and so is an event of a
 * content that the marts do not have.
 *
 * @param folder where the service writes them, `config.eventsDir`
 * @throws AppError as `runImport`; INPUT_INVALID when there are no files
 */
export async function importEvents(context: ImportContext, folder: string): Promise<ImportReport> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.ndjson')).sort()
  if (names.length === 0) {
    throw new AppError(
      'INPUT_INVALID',
      `Expected events (*.ndjson) in ${folder}; found none. The service writes them when it takes POST /v1/events.`,
    )
  }
  return withScratch(async (scratch) => {
    const texts: NumberedText[] = []
    for (const name of names) {
      texts.push(await numberText(join(folder, name), join(scratch, name), jsonLinesFormat))
    }
    return runImport(context, {
      name: 'events',
      files: texts.map((text) => text.source),
      stage: async (staging, work) => {
        await staging.run(
          `create temp table event_text (file varchar, line bigint, ${Object.keys(fields).join(' varchar, ')} varchar)`,
        )
        for (const text of texts) {
          work.readText(text, 0)
          await stageFile(staging, text)
        }
        await stageEvents(staging)
        await rejectOthers(staging)
        work.unchanged(await removeRepeats(staging))
        return [{ mart: fctInteractions, table: 'events', file: folder, columns: Object.keys(fields) }]
      },
    })
  })
}

async function stageFile(staging: Staging, text: NumberedText): Promise<void> {
  await loadJsonLines(staging, 'file_events', text, Object.entries(fields))
  const columns = Object.keys(fields).join(', ')
  await staging.run(
    `insert into event_text select ${sqlLiteral(basename(text.source))}, line, ${columns} from file_events; drop table file_events`,
  )
}

/** Text to the mart's types, into `events (file, line, …)`, which keep the mart's rules. */
async function stageEvents(staging: Staging): Promise<void> {
  await staging.reject('event_text', byRow, [
    {
      when: 'coalesce(try_cast(occurred_at as double) not between 0 and 4102444800, true)',
      reason: `'expected occurredAt in seconds since 1970; got ' || coalesce(occurred_at, 'nothing')`,
    },
    ...numbers.map((name) => ({
      when: `${name} is not null and try_cast(${name} as double) is null`,
      reason: `'expected ${fields[name]} as a number; got ' || ${name}`,
    })),
    {
      when: 'content_id not in (select content_id from dim_content)',
      reason: `'expected a content of dim_content; got ' || content_id`,
    },
  ])
  await staging.run(`
    create temp table events as
    select file, line, event_id, user_id, content_id, platform, event_type,
      make_timestamp(cast(round(cast(occurred_at as double) * 1000000) as bigint)) as occurred_at,
      cast(watch_seconds as double) as watch_seconds, cast(completion as double) as completion, cast(value as double) as value
    from event_text; drop table event_text`)
  await staging.reject('events', byRow, martChecks(fctInteractions, Object.keys(fields)))
}

/** Rejects what has the id of another event: one of the mart, or the first one of the files. */
async function rejectOthers(staging: Staging): Promise<void> {
  const differs = (other: string): string =>
    content.map((column) => `e.${column} is distinct from ${other}.${column}`).join(' or ')
  await staging.run(`
    create temp table others as
    select e.file, e.line from events e join fct_interactions m on m.event_id = e.event_id where ${differs('m')}`)
  const isOther = '(file, line) in (select (file, line) from others)'
  const reason = (where: string): string => `'expected a new event id; another event ${where} has it; got ' || event_id`
  await staging.reject('events', byRow, [{ when: isOther, reason: reason('in fct_interactions') }])
  await staging.run(`
    create or replace temp table others as
    select e.file, e.line from events e join (
      select * from events qualify row_number() over (partition by event_id order by file, line) = 1
    ) as f on f.event_id = e.event_id where ${differs('f')}`)
  await staging.reject('events', byRow, [{ when: isOther, reason: reason('earlier in the files') }])
}

/** The service may write an event twice when a client sends it again. @returns how many rows said the same as an earlier one */
async function removeRepeats(staging: Staging): Promise<number> {
  const before = await staging.count('events')
  await staging.run(`
    create or replace temp table events as
    select * from events qualify row_number() over (partition by event_id order by file, line) = 1`)
  return before - (await staging.count('events'))
}
