import { Command } from 'commander'
import { AppError } from '../errors.ts'
import { exportInteractions } from '../pipelines/export/interactions.ts'
import { action, type CommandContext } from './command.ts'
import { parseWholeNumber } from './model-argument.ts'

interface ExportOptions {
  readonly out: string
  readonly before?: string
  readonly minRating?: string
  readonly minInteractions: string
  readonly unload?: string
  readonly iamRole?: string
  readonly json?: boolean
}

const examples = `
Examples:
  contentflow export interactions --out /data/training-set
  contentflow export interactions --out ts --before 2026-11-01T00:00:00Z --min-interactions 5
  contentflow export interactions --out ts --unload s3://bucket/ts/interactions_ --iam-role arn:aws:iam::123456789012:role/unload > unload.sql

The rows are those that \`contentflow train recommender\` learns from: everyone's last item is left out, as models are judged by it.
What to do with them on a Spark cluster: pipelines/spark/README.md.`

export function exportCommand(): Command {
  const command = new Command('export')
    .description('Take data out, for work on other machines')
    .addHelpText('after', examples)
  command
    .command('interactions')
    .description(
      'The training part of the recommender as Parquet, or the UNLOAD statement that writes it from Redshift',
    )
    .requiredOption('--out <folder>', 'where interactions.parquet and training-set.json go')
    .option('--before <moment>', 'only events before this moment (ISO 8601); now by default')
    .option('--min-rating <number>', 'a rating below does not count as liking')
    .option('--min-interactions <number>', 'users with fewer items are left out', '1')
    .option('--unload <prefix>', 'print the UNLOAD to s3://bucket/prefix instead of writing the rows here')
    .option('--iam-role <arn>', 'the role that Redshift writes with')
    .option('--json', 'print the facts as JSON')
    .action(action(run))
  return command
}

async function run(context: CommandContext, options: ExportOptions): Promise<void> {
  const { facts, statement } = await exportInteractions(context, {
    outDir: options.out,
    before: momentOf(options.before),
    minRating: options.minRating === undefined ? null : numberOf('--min-rating', options.minRating),
    minInteractions: parseWholeNumber('--min-interactions', options.minInteractions, 1),
    unload: options.unload === undefined ? undefined : { s3Prefix: options.unload, iamRole: options.iamRole ?? '' },
  })
  if (statement !== undefined) context.print(statement)
  else if (options.json === true) context.print(JSON.stringify(facts))
  else {
    const { rows, users, items, before } = facts
    context.print(`${options.out}: ${rows} interactions of ${users} users with ${items} items, before ${before}`)
  }
}

function momentOf(text: string | undefined): Date {
  const moment = text === undefined ? new Date() : new Date(text)
  if (!Number.isNaN(moment.getTime())) return moment
  throw new AppError('INPUT_INVALID', `--before is ${text}; expected a moment such as 2026-11-01T00:00:00Z.`)
}

function numberOf(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new AppError('INPUT_INVALID', `${flag} is ${text}; expected a number.`)
}
