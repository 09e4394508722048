import { Command } from 'commander'
import { AppError } from '../errors.ts'
import { openOnlineStore } from '../features/store/open-online-store.ts'
import { isTimeZone } from '../features/transforms/local-clock.ts'
import { openRegistry } from '../models/registry/open-registry.ts'
import { longestSpacingHours, ownPublications } from '../serving/predict/own-publications.ts'
import { type PostingQuestion, type PostingTimes, postingTimes } from '../serving/predict/posting-times.ts'
import { loadCatalogue } from '../serving/recommend/catalogue.ts'
import { loadPayload } from '../serving/runtime/load-payload.ts'
import { referenceOf } from '../serving/runtime/loaded-model.ts'
import { openScorer } from '../serving/runtime/open-scorer.ts'
import { action, type CommandContext } from './command.ts'
import { parseWholeNumber } from './model-argument.ts'
import { textTable } from './text-table.ts'

interface PostingTimesFlags {
  readonly creator: string
  readonly platform?: string
  readonly timeZone?: string
  readonly limit: string
  readonly spacing: string
  readonly json: boolean
}

const model = 'posting-time'

/** `contentflow predict posting-times`: what GET /v1/creators/{id}/posting-times answers, without a service. */
export function postingTimesCommand(): Command {
  return new Command('posting-times')
    .description('the best hours of the next seven days for a creator to publish')
    .requiredOption('--creator <id>', 'who publishes')
    .option('--platform <name>', 'where; by default where the creator posts most')
    .option('--time-zone <name>', 'on whose clock, e.g. Europe/Berlin; by default the creator’s own, or UTC')
    .option('--limit <n>', 'number of hours, best first', '5')
    .option('--spacing <hours>', 'fewest hours between two of them, and between one and a post of the last day', '3')
    .option('--json', 'one JSON object on stdout', false)
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
  const now = Date.now() / 1000
  const question = {
    creatorId: flags.creator,
    platform: flags.platform,
    timeZone: requireTimeZone(flags.timeZone),
    from: now,
    limit: parseWholeNumber('--limit', flags.limit, 1, 168),
    spacingHours: parseWholeNumber('--spacing', flags.spacing, 0, longestSpacingHours),
    avoid: [],
  }
  const avoid = await published(context, question, now)
  const registry = await openRegistry(context.config, context.log)
  try {
    const champion = await registry.champion(model)
    if (champion === undefined) {
      throw new AppError('MODEL_MISSING', `No ${model} is champion. Run \`contentflow train ${model}\`.`)
    }
    const { manifest, version } = champion
    const dir = await registry.fetch(model, version)
    const payload = await loadPayload(model, dir, manifest)
    const loaded = { name: model, version, manifest, payload, scorer: await openScorer(dir) } as const
    try {
      const times = await postingTimes(loaded, { ...question, avoid })
      const answer = { creatorId: flags.creator, ...times, model: referenceOf(loaded), synthetic: manifest.synthetic }
      context.print(flags.json ? JSON.stringify(answer) : textOf(times))
    } finally {
      await loaded.scorer.close()
    }
  } finally {
    await registry.close()
  }
}

/** What the creator published within the last day that the online store knows of. */
async function published(
  { config, log }: CommandContext,
  { creatorId, platform }: PostingQuestion,
  now: number,
): Promise<readonly number[]> {
  const store = await openOnlineStore(config, log)
  try {
    return ownPublications(await loadCatalogue(store, now), creatorId, platform)
  } finally {
    await store.close()
  }
}

function requireTimeZone(name: string | undefined): string | undefined {
  if (name === undefined || isTimeZone(name)) return name
  throw new AppError(
    'INPUT_INVALID',
    `--time-zone is ${JSON.stringify(name)}; expected an IANA time zone such as Europe/Berlin.`,
  )
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function textOf({ slots, basisText, timeZone }: PostingTimes): string {
  const factor = (value: number): string => value.toFixed(2)
  const rows = slots.map(({ weekday, local, utcOffset, lift, lower, upper }) => [
    `${weekdays[weekday]} ${local.replace('T', ' ')} ${utcOffset}`,
    `${factor(lift)} [${factor(lower)}, ${factor(upper)}]`,
  ])
  return [
    basisText,
    `Hours of ${timeZone}; lift = expected engagement ÷ the creator’s own mean, with an 80 % interval.`,
    '',
    textTable(['starts', 'lift'], rows),
  ].join('\n')
}
