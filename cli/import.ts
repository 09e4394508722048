import { Command } from 'commander'
import { importMovielens } from '../pipelines/import/movielens.ts'
import type { ImportContext, ImportReport } from '../pipelines/import/run-import.ts'
import { action } from './command.ts'

interface JsonOption {
  readonly json?: boolean
}

const examples = `
Examples:
  contentflow import movielens ../data/ml-100k          RecBole's atomic files, or GroupLens' own ml-100k, ml-1m, ml-latest

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
  return command
}

/** Runs an import and prints its report. */
function importAction<A extends unknown[]>(
  run: (context: ImportContext, ...args: A) => Promise<ImportReport>,
): (...args: [...A, JsonOption, Command]) => Promise<void> {
  return action(async (context, ...all: [...A, JsonOption, Command]) => {
    const args = all.slice(0, -2) as A
    const options = all.at(-2) as JsonOption
    const report = await run(context, ...args)
    context.print(options.json === true ? JSON.stringify(report) : reportText(report))
  })
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
