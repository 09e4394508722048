import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { Command, Option } from 'commander'
import { createTableSql, type DdlDialect, ddlDialects } from '../features/marts/ddl.ts'
import { martsPage } from '../features/marts/docs-page.ts'
import { marts } from '../features/marts/index.ts'
import { checkMarts, type MartReport } from '../features/sources/check-marts.ts'
import { openMartSource } from '../features/sources/open-mart-source.ts'
import { action } from './command.ts'

const examples = `
Examples:
  contentflow marts check                               hold the warehouse against the definitions; exit 1 on errors
  contentflow marts ddl --dialect redshift              the CREATE TABLE statements for your warehouse
  contentflow marts docs                                write docs/marts.md`

export function martsCommand(): Command {
  const command = new Command('marts').description('The tables that ContentFlow reads').addHelpText('after', examples)
  command
    .command('check')
    .description('Rows, span, nulls, duplicate keys, orphans and values out of range per mart; exit 1 on errors')
    .option('--json', 'print the reports as JSON')
    .action(
      action(async ({ config, print }, options: { json?: boolean }) => {
        const source = await openMartSource(config)
        try {
          const reports = await checkMarts(source, config.warehouse.schema)
          print(options.json === true ? JSON.stringify(reports) : checkText(reports))
          if (reports.some((report) => report.problems.some((problem) => problem.severity === 'error'))) {
            process.exitCode = 1
          }
        } finally {
          await source.close()
        }
      }),
    )
  command
    .command('ddl')
    .description('Print the CREATE TABLE statements')
    .addOption(new Option('--dialect <name>', 'SQL dialect').choices(ddlDialects).default('redshift'))
    .action(
      action(async ({ config, print }, options: { dialect: DdlDialect }) => {
        const { schema } = config.warehouse
        const tables = marts.map((mart) => createTableSql(mart, options.dialect, schema))
        print([`create schema if not exists ${schema};`, ...tables].join('\n\n'))
      }),
    )
  command
    .command('docs')
    .description('Write the page about the marts from their definitions')
    .option('--output <file>', 'where to write it', 'docs/marts.md')
    .action(
      action(async ({ print }, options: { output: string }) => {
        await mkdir(dirname(options.output), { recursive: true })
        await writeFile(options.output, martsPage())
        print(options.output)
      }),
    )
  return command
}

function checkText(reports: readonly MartReport[]): string {
  const lines = [`${'mart'.padEnd(20)} ${'rows'.padStart(12)}  ${'from'.padEnd(10)}  ${'to'.padEnd(10)}  verdict`]
  for (const { mart, rows, first, last, problems } of reports) {
    const errors = problems.filter((problem) => problem.severity === 'error').length
    const warnings = problems.length - errors
    const verdict = problems.length === 0 ? 'ok' : `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`
    const day = (moment: string | null): string => (moment ?? '–').slice(0, 10).padEnd(10)
    lines.push(
      `${mart.padEnd(20)} ${rows.toLocaleString('en-US').padStart(12)}  ${day(first)}  ${day(last)}  ${verdict}`,
    )
    for (const problem of problems) {
      const count = problem.rows === 0 ? '' : ` (${plural(problem.rows, 'row')})`
      lines.push(`  ${problem.severity}: ${problem.kind}: ${problem.message}${count}`)
    }
  }
  return lines.join('\n')
}

const plural = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
