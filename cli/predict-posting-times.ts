import { Command } from 'commander'
import { AppError } from '../errors.ts'
import { isTimeZone } from '../features/transforms/local-clock.ts'
import { longestSpacingHours } from '../serving/predict/own-publications.ts'
import { loadCatalogue } from '../serving/recommend/catalogue.ts'
import { action, type CommandContext } from './command.ts'
import { parseWholeNumber } from './model-argument.ts'
import { withPredictor } from './open-predictor.ts'
import { postingTimesText } from './predict-text.ts'

interface PostingTimesFlags {
  readonly creator: string
  readonly platform?: string
  readonly timeZone?: string
  readonly limit: string
  readonly spacing: string
  readonly json: boolean
}

/** `contentflow predict posting-times`: what GET /v1/creators/{id}/posting-times answers, without a service. */
export function postingTimesCommand(): Command {
  return new Command('posting-times')
    .description('the best hours of the next seven days for a creator to publish')
    .requiredOption('--creator <id>', 'who publishes')
    .option('--platform <name>', 'where; by default where the creator posts most')
    .option('--time-zone <name>', 'on whose clock, e.g. Europe/Berlin; by default the creator’s own, or UTC')
    .option('--limit <n>', 'number of hours, best first', '5')
    .option('--spacing <hours>', 'fewest hours between two of them, and between one and a post of the last day', '3')
    .option('--json', 'one JSON object on stdout, as the service answers', false)
    .addHelpText('after', examples)
    .action(action(run))
}

const examples = `
Examples:
  contentflow predict posting-times --creator creator-1
  contentflow predict posting-times --creator creator-1 --platform youtube --time-zone Asia/Kolkata --limit 3 --json

A lift compares the creator's posts at such hours with the creator's other posts. It describes what was observed and does not promise that
moving a post changes what it earns.`

async function run(context: CommandContext, flags: PostingTimesFlags): Promise<void> {
  const question = {
    creatorId: flags.creator,
    platform: flags.platform,
    timeZone: requireTimeZone(flags.timeZone),
    limit: parseWholeNumber('--limit', flags.limit, 1, 168),
    spacingHours: parseWholeNumber('--spacing', flags.spacing, 0, longestSpacingHours),
    avoid: [],
  }
  const { postingTimesAnswer } = await import('../serving/http/routes/posting-times.ts')
  await withPredictor(context, 'posting-time', async ({ model, store, world: { now }, synthetic }) => {
    const catalogue = await store.read((open) => loadCatalogue(open, now))
    const answer = await postingTimesAnswer(model, catalogue, { ...question, from: now })
    context.print(flags.json ? JSON.stringify({ ...answer, synthetic }) : postingTimesText(answer, synthetic))
  })
}

function requireTimeZone(name: string | undefined): string | undefined {
  if (name === undefined || isTimeZone(name)) return name
  throw new AppError(
    'INPUT_INVALID',
    `--time-zone is ${JSON.stringify(name)}; expected an IANA time zone such as Europe/Berlin.`,
  )
}
