import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { fctInteractions } from '../../features/marts/fct-interactions.ts'
import { type NumberedText, numberText } from './numbered-text.ts'
import { type ImportContext, type ImportReport, runImport, withScratch } from './run-import.ts'
import { notAnObject, type Staging } from './staging.ts'

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

/**
 * Imports the events that the service took (`*.ndjson`, one event per line) into fct_interactions. Idempotent by event id: all files can
 * be imported again and again, also the one still being written, whose unfinished last line waits for the next time. An event of a
 * content that the marts do not have is rejected.
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
      texts.push(await numberText(join(folder, name), join(scratch, name), { separator: '\u0001', quoted: false }))
    }
    return runImport(context, {
      name: 'events',
      files: texts.map((text) => text.source),
      stage: async (staging, work) => {
        await staging.run(
          'create temp table all_events (file varchar, line bigint, event_id varchar, user_id varchar, content_id varchar, platform varchar, event_type varchar, occurred_at timestamp, watch_seconds double, completion double, value double)',
        )
        for (const text of texts) {
          work.read(text.records)
          await stageFile(staging, text)
        }
        // The service may write an event twice when a client sends it again: the first one counts.
        await staging.run(`
          create temp table events as
          select row_number() over (order by file, line) as line, * exclude (file, line, nth)
          from (select *, row_number() over (partition by event_id order by file, line) as nth from all_events) as e where nth = 1`)
        return [{ mart: fctInteractions, table: 'events', file: folder, columns: Object.keys(fields) }]
      },
    })
  })
}

async function stageFile(staging: Staging, text: NumberedText): Promise<void> {
  await staging.load('event_lines', text, ['text'], { header: false })
  await staging.reject('event_lines', text.source, [
    { when: notAnObject, reason: `'expected one JSON object per line'` },
  ])
  const list = Object.entries(fields).map(([column, key]) => `json_extract_string(text, '$.${key}') as ${column}`)
  await staging.run(
    `create or replace temp table event_text as select line, ${list.join(', ')} from event_lines; drop table event_lines`,
  )
  await staging.reject('event_text', text.source, [
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
    insert into all_events
    select '${text.source.replaceAll("'", "''")}', line, event_id, user_id, content_id, platform, event_type,
      make_timestamp(cast(round(cast(occurred_at as double) * 1000000) as bigint)),
      cast(watch_seconds as double), cast(completion as double), cast(value as double)
    from event_text`)
}
