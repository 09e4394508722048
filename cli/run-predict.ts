import { AppError } from '../errors.ts'
import { FieldErrors, parseInput } from '../serving/http/problem.ts'
import { engagementAnswer } from '../serving/http/routes/predict-engagement.ts'
import { revenueAnswer } from '../serving/http/routes/predict-revenue.ts'
import { viralityAnswer } from '../serving/http/routes/predict-virality.ts'
import {
  engagementKind,
  type PredictionKind,
  revenueKind,
  viralityKind,
} from '../serving/http/routes/prediction-kinds.ts'
import type { CommandContext } from './command.ts'
import { withPredictor } from './open-predictor.ts'
import type { PredictFlags } from './predict.ts'
import { predictLines } from './predict-lines.ts'
import { engagementText, revenueText, viralityText } from './predict-text.ts'

const kinds: Readonly<Record<PredictionKind['name'], PredictionKind>> = {
  engagement: engagementKind,
  virality: viralityKind,
  revenue: revenueKind,
}

/**
 * Predicts what the flags say: one draft, or a file of them.
 *
 * @throws AppError CONFIG_INVALID for flags that do not go together | INPUT_INVALID naming the flag of a wrong field
 */
export async function runPredict(
  context: CommandContext,
  name: PredictionKind['name'],
  flags: PredictFlags,
): Promise<void> {
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
    } else if (name === 'revenue') {
      const answer = await revenueAnswer(model, store, draft, world, { explain })
      context.print(json ? JSON.stringify({ ...answer, synthetic }) : revenueText(answer, synthetic))
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
  costUsd: '--cost',
}

/** @throws FieldErrors that name the flags */
function parseFlags(kind: PredictionKind, flags: PredictFlags) {
  const { creator, title, description, tags, platform, category, language, duration, plannedAt, cost, early } = flags
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
    costUsd: numberOr(cost),
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
