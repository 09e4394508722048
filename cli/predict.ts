import { Argument, Command } from 'commander'
import { AppError } from '../errors.ts'
import { FieldErrors, parseInput } from '../serving/http/problem.ts'
import { engagementAnswer } from '../serving/http/routes/predict-engagement.ts'
import { viralityAnswer } from '../serving/http/routes/predict-virality.ts'
import { engagementKind, type PredictionKind, viralityKind } from '../serving/http/routes/prediction-kinds.ts'
import { collect } from './bench/flags.ts'
import { action, type CommandContext } from './command.ts'
import { withPredictor } from './open-predictor.ts'
import { predictLines } from './predict-lines.ts'
import { engagementText, viralityText } from './predict-text.ts'

const kinds: Readonly<Record<PredictionKind['name'], PredictionKind>> = {
  engagement: engagementKind,
  virality: viralityKind,
}

interface PredictFlags {
  readonly creator?: string
  readonly title?: string
  readonly description?: string
  readonly tags?: string
  readonly platform?: string
  readonly category?: string
  readonly language?: string
  readonly duration?: string
  readonly plannedAt?: string
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
  contentflow predict virality --creator creator-1 --title "Bread" --early views=5000 --early likes=120 --json
  contentflow predict engagement --input drafts.ndjson --output predictions.ndjson
  contentflow predict virality --input drafts.csv | jq 'select(.probability > 0.2)'

It reads the registry and the online store as the service does, and needs no service. --input holds a draft per line with the fields of
POST /v1/predictions/…: creatorId, title, description, tags, platform, category, language, durationSeconds, plannedAt, and early for
virality. In a CSV file they are the names of the columns, tags are separated by |, and first counts are columns such as early.views.
The answer to each line is a line of JSON with its number; what is wrong with one is said in its place, and the exit code is then 1.`

/** `contentflow predict <model>`: predictions without a service. */
export function predictCommand(): Command {
  return new Command('predict')
    .description('Predict what a draft, or a file of drafts, will earn, or how likely it goes viral.')
    .addArgument(new Argument('<model>', 'what to predict').choices(Object.keys(kinds)))
    .option('--creator <id>', 'who publishes it')
    .option('--title <text>', 'title of the draft')
    .option('--description <text>', 'its description')
    .option('--tags <list>', 'separated by commas')
    .option('--platform <name>', 'where; the creator’s own by default')
    .option('--category <name>', 'the creator’s own by default')
    .option('--language <code>', 'e.g. en')
    .option('--duration <seconds>', 'how long it is')
    .option('--planned-at <moment>', 'ISO 8601 with a zone, or seconds since 1970; now by default')
    .option('--early <name=count>', 'a first count of a published content, for virality; may be repeated', collect, [])
    .option('--explain', 'say what drives the prediction', false)
    .option('--suggest', 'say which hours and durations would change it for the better, for engagement', false)
    .option('--input <file>', 'a draft per line, as NDJSON, or CSV for a name that ends in .csv; - for standard input')
    .option('--output <file>', 'where the answers to --input go; standard output by default')
    .option('--json', 'one JSON object on stdout, as the service answers', false)
    .addHelpText('after', examples)
    .action(action(run))
}

async function run(context: CommandContext, name: PredictionKind['name'], flags: PredictFlags): Promise<void> {
  const kind = kinds[name]
  if (flags.input !== undefined) {
    refuseOthers(flags)
    return withPredictor(context, name, (predictor) =>
      predictLines(context, kind, predictor, flags.input!, flags.output),
    )
  }
  if (flags.output !== undefined) throw new AppError('CONFIG_INVALID', '--output goes with --input.')
  if (flags.suggest && name !== 'engagement') {
    throw new AppError('CONFIG_INVALID', `--suggest is for engagement; got ${name}.`)
  }
  const draft = parseFlags(kind, flags)
  await withPredictor(context, name, async ({ model, store, world, synthetic }) => {
    const { explain, suggest, json } = flags
    if (name === 'engagement') {
      const answer = await engagementAnswer(model, store, draft, world, { explain, suggest })
      context.print(json ? JSON.stringify({ ...answer, synthetic }) : engagementText(answer, synthetic))
    } else {
      const answer = await viralityAnswer(model, store, draft, world, { explain })
      context.print(json ? JSON.stringify({ ...answer, synthetic }) : viralityText(answer, synthetic))
    }
  })
}

/** Names of flags by the fields that they fill. */
const flagOf: Readonly<Record<string, string>> = {
  creatorId: '--creator',
  durationSeconds: '--duration',
  plannedAt: '--planned-at',
}

/** @throws FieldErrors that name the flags */
function parseFlags(kind: PredictionKind, flags: PredictFlags) {
  const { creator, title, description, tags, platform, category, language, duration, plannedAt, early } = flags
  const given = {
    creatorId: creator,
    title,
    description,
    tags: tags?.split(',').map((tag) => tag.trim()),
    platform,
    category,
    language,
    durationSeconds: numberOr(duration),
    plannedAt: numberOr(plannedAt),
    ...(early.length === 0 ? {} : { early: Object.fromEntries(early.map(countOf)) }),
  }
  try {
    return parseInput(kind.body, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  } catch (error) {
    if (!(error instanceof FieldErrors)) throw error
    throw new FieldErrors(error.errors.map(({ field, message }) => ({ field: flagOf[field] ?? `--${field}`, message })))
  }
}

/** What reads as a number as one; anything else as it came, for the draft's own rules to judge. */
const numberOr = (text: string | undefined): number | string | undefined =>
  text === undefined || text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)

function countOf(text: string): [string, number | string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new AppError('INPUT_INVALID', `--early ${text}: expected name=count, e.g. --early views=5000.`)
  return [text.slice(0, at), numberOr(text.slice(at + 1))!]
}

function refuseOthers({ input: _, output: __, early, ...others }: PredictFlags): void {
  const odd = Object.entries(others).flatMap(([flag, value]) => (value === undefined || value === false ? [] : [flag]))
  if (early.length > 0) odd.push('early')
  if (odd.length === 0) return
  const names = odd.map((flag) => `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
  throw new AppError('CONFIG_INVALID', `--input holds whole drafts: leave out ${names.join(', ')}.`)
}
