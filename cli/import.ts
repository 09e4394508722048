import { Command } from 'commander'
import { importEvents } from '../pipelines/import/events.ts'
import { importInfluencers } from '../pipelines/import/influencers.ts'
import { importMovielens } from '../pipelines/import/movielens.ts'
import type { ImportContext, ImportReport } from '../pipelines/import/run-import.ts'
import { importSequences } from '../pipelines/import/sequences.ts'
import type { TableColumns } from '../pipelines/import/table-columns.ts'
import { importTable, type TableFormat } from '../pipelines/import/table-file.ts'
import { importYoutubeTrending } from '../pipelines/import/youtube-trending.ts'
import { withPipelineLock } from '../pipelines/pipeline-lock.ts'
import { action, type CommandContext } from './command.ts'

interface ImportOptions {
  readonly json?: boolean
  readonly country?: string
}

const examples = `
Examples:
  contentflow import movielens ../data/ml-100k          RecBole's atomic files, or GroupLens' own ml-100k, ml-1m, ml-latest
  contentflow import youtube-trending INvideos.csv.gz USvideos.csv
  contentflow import youtube-trending list.csv --country DE
  contentflow import csv fct_interactions clicks.csv.gz --map user_id=visitor content_id=page occurred_at=time --set platform=web event_type=view
  contentflow import csv dim_content articles.csv --map content_id=page published_at=date --set platform=web
  contentflow import ndjson dim_user people.ndjson --set consent_personalization=true
  contentflow import parquet dim_content content.parquet
  contentflow import events                             what the service was told since the last time

Recommending needs dim_content (what there is), dim_user (who agreed) and fct_interactions (who did what). Which columns a mart has, and
which words event_type knows: docs/marts.md, or contentflow marts ddl.

An import is one transaction: a file whose structure is wrong changes nothing and exits with 2. Rows that break a rule go to
DATA_DIR/rejects/ with their line and the reason. Importing the same file again changes nothing.`

export function importCommand(): Command {
  const command = new Command('import')
    .description('Bring data into the marts of the embedded warehouse')
    .addHelpText('after', examples)
  command
    .command('movielens <folder>')
    .description('MovieLens ratings, items and users, in any of its published forms')
    .option('--json', 'print the report as JSON')
    .action(importAction(importMovielens))
  command
    .command('sequences <folder>')
    .description('Ordered histories without times (sequences.txt, item_list.txt, user_list.txt); times are made up')
    .option('--json', 'print the report as JSON')
    .action(importAction(importSequences))
  command
    .command('youtube-trending <files...>')
    .description("Kaggle's trending videos, one CSV per country, plain or gzip")
    .option('--country <code>', 'country of the files, when their names do not begin with it, e.g. IN')
    .option('--json', 'print the report as JSON')
    .action(importAction(importYoutubeTrending))
  command
    .command('influencers <files...>')
    .description('Posts of influencers with their engagement counts, CSV, plain or gzip')
    .option('--json', 'print the report as JSON')
    .action(importAction(importInfluencers))
  for (const format of ['csv', 'parquet', 'ndjson'] as const) command.addCommand(tableCommand(format))
  command
    .command('events')
    .description('Events that the service took, from DATA_DIR/events')
    .option('--json', 'print the report as JSON')
    .action(
      action(async (context, options: ImportOptions) => {
        await runImport(context, () => importEvents(context, context.config.eventsDir), options)
      }),
    )
  return command
}

function tableCommand(format: TableFormat): Command {
  return new Command(format)
    .description(`One ${format.toUpperCase()} file into one mart`)
    .argument('<mart>', 'e.g. fct_interactions')
    .argument('<file>', format === 'parquet' ? 'the file' : 'the file, plain or gzip')
    .option('--map <column=source...>', "the file's name of a column, when it is another than the mart's", [])
    .option('--set <column=value...>', 'the same value for every row, where the file has no such column', [])
    .option('--json', 'print the report as JSON')
    .action(
      action(async (context, mart: string, file: string, options: ImportOptions & TableColumns) => {
        await runImport(context, () => importTable(context, format, mart, file, options), options)
      }),
    )
}

/** Runs an import of a command's first argument and prints its report. */
function importAction<T>(
  run: (context: ImportContext, source: T, options: ImportOptions) => Promise<ImportReport>,
): (source: T, options: ImportOptions) => Promise<void> {
  return action(async (context, source: T, options: ImportOptions) => {
    await runImport(context, () => run(context, source, options), options)
  })
}

async function runImport(
  { config, log, print }: CommandContext,
  run: () => Promise<ImportReport>,
  { json }: ImportOptions,
): Promise<void> {
  const report = await withPipelineLock(config.dataDir, 'import', log, run)
  print(json === true ? JSON.stringify(report) : reportText(report))
}

const number = (value: number): string => value.toLocaleString('en-US')

function reportText(report: ImportReport): string {
  const lines = [
    `${report.import}: ${number(report.read)} records read in ${report.seconds.toFixed(1)} s; ${number(report.written)} rows written, ${number(report.unchanged)} unchanged, ${number(report.rejected)} records rejected`,
    ...report.marts.map(
      (m) =>
        `  ${m.mart.padEnd(20)} ${number(m.inserted)} new, ${number(m.updated)} changed, ${number(m.unchanged)} unchanged`,
    ),
    ...report.notes.map((note) => `  note: ${note}`),
    ...report.reasons.map(({ reason, rows }) => `  rejected ${number(rows)}: ${reason}`),
  ]
  if (report.rejectsFile !== null) lines.push(`  rejected rows: ${report.rejectsFile}`)
  return lines.join('\n')
}
