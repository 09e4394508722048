import { Argument, Command } from 'commander'
import { collect } from './bench/flags.ts'
import { action, type CommandContext } from './command.ts'
import { churnCommand } from './predict-churn.ts'
import { creatorRevenueCommand } from './predict-creator-revenue.ts'
import { forecastCommand } from './predict-forecast.ts'
import { postingTimesCommand } from './predict-posting-times.ts'

/** As commander gives them. */
export interface PredictFlags {
  readonly creator?: string
  readonly title?: string
  readonly description?: string
  readonly tags?: string
  readonly platform?: string
  readonly category?: string
  readonly language?: string
  readonly duration?: string
  readonly plannedAt?: string
  readonly cost?: string
  readonly early: readonly string[]
  readonly explain: boolean
  readonly suggest: boolean
  readonly input?: string
  readonly output?: string
  readonly json: boolean
}

const examples = `
Examples:
  contentflow predict engagement --creator creator-1 --title "Why does bread rise?" --duration 480 --planned-at 2026-11-02T18:00:00Z
  contentflow predict engagement --creator creator-1 --title "Why does bread rise?" --explain --suggest
  contentflow predict engagement --creator creator-1 --title "Bread" --early views=5000 --early likes=120
  contentflow predict virality --creator creator-1 --title "Bread" --early views=5000 --early likes=120 --json
  contentflow predict engagement --input drafts.ndjson --output predictions.ndjson
  contentflow predict virality --input drafts.csv | jq 'select(.probability > 0.2)'

It reads the registry and the online store as the service does, and needs no service. --input holds a draft per line with the fields of
POST /v1/predictions/…: creatorId, title, description, tags, platform, category, language, durationSeconds, plannedAt, early for
engagement and virality, and costUsd for revenue. In a CSV file they are the names of the columns, tags are separated by |, and first counts are columns such as early.views.
The answer to each line is a line of JSON with its number; what is wrong with one is said in its place, and the exit code is then 1.`

/** `contentflow predict <model>`: predictions without a service. */
export function predictCommand(): Command {
  return (
    new Command('predict')
      // What stands behind a subcommand is the subcommand's.
      .enablePositionalOptions()
      .addCommand(churnCommand())
      .addCommand(creatorRevenueCommand())
      .addCommand(forecastCommand())
      .addCommand(postingTimesCommand())
      .description(
        'Predict what a draft, or a file of drafts, will earn in views, reactions or money, or how likely it goes viral.',
      )
      .addArgument(new Argument('<model>', 'what to predict').choices(['engagement', 'virality', 'revenue']))
      .option('--creator <id>', 'who publishes it')
      .option('--title <text>', 'title of the draft')
      .option('--description <text>', 'its description')
      .option('--tags <list>', 'separated by commas')
      .option('--platform <name>', 'where; the creator’s own by default')
      .option('--category <name>', 'the creator’s own by default')
      .option('--language <code>', 'e.g. en')
      .option('--duration <seconds>', 'how long it is')
      .option('--planned-at <moment>', 'ISO 8601 with a zone, or seconds since 1970; now by default')
      .option('--cost <dollars>', 'what it costs to make, for the return on investment, with revenue')
      .option(
        '--early <name=count>',
        'a first count of a published content, for engagement and virality; may be repeated',
        collect,
        [],
      )
      .option('--explain', 'say what drives the prediction', false)
      .option('--suggest', 'say which hours and durations would change it for the better, for engagement', false)
      .option(
        '--input <file>',
        'a draft per line, as NDJSON, or CSV for a name that ends in .csv; - for standard input',
      )
      .option('--output <file>', 'where the answers to --input go; standard output by default')
      .option('--json', 'one JSON object on stdout, as the service answers', false)
      .addHelpText('after', examples)
      .action(
        action(async (context: CommandContext, name: 'engagement' | 'virality' | 'revenue', flags: PredictFlags) => {
          // Loaded here, so that no other command waits for what serves.
          const { runPredict } = await import('./run-predict.ts')
          await runPredict(context, name, flags)
        }),
      )
  )
}
