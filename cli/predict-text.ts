import { inputLabel } from '../features/transforms/input-groups.ts'
import type { engagementAnswer } from '../serving/http/routes/predict-engagement.ts'
import type { revenueAnswer } from '../serving/http/routes/predict-revenue.ts'
import type { viralityAnswer } from '../serving/http/routes/predict-virality.ts'
import { textTable } from './text-table.ts'

type EngagementAnswer = Awaited<ReturnType<typeof engagementAnswer>>
type ViralityAnswer = Awaited<ReturnType<typeof viralityAnswer>>
type RevenueAnswer = Awaited<ReturnType<typeof revenueAnswer>>
type Explanation = NonNullable<ViralityAnswer['explanation']>

/** What a draft will earn, for people to read. */
export function engagementText(answer: EngagementAnswer, synthetic: boolean): string {
  const { predictions, suggestions } = answer
  const [headline] = predictions
  return [
    textTable(
      ['target', 'expected', 'from', 'to'],
      predictions.map(({ target, value, lower, upper }) => [target, ...[value, lower, upper].map(count)]),
    ),
    'From, to: the interval that holds 80 % of outcomes.',
    ...(headline?.explanation === undefined ? [] : ['', driversText(headline.target, headline.explanation, count)]),
    ...(suggestions === undefined ? [] : ['', suggestionsText(suggestions)]),
    ...remarks(answer, synthetic),
  ].join('\n')
}

/** What a draft will earn in money, for people to read. */
export function revenueText(answer: RevenueAnswer, synthetic: boolean): string {
  const { revenueUsd, returnOnInvestment, explanation } = answer
  return [
    textTable(
      ['after', 'expected', 'from', 'to'],
      revenueUsd.map(({ horizonDays, value, lower, upper }) => [
        `${horizonDays} days`,
        ...[value, lower, upper].map(dollars),
      ]),
    ),
    'From, to: the interval that holds 80 % of outcomes.',
    ...(returnOnInvestment === null
      ? []
      : [
          `Return on investment after ${returnOnInvestment.horizonDays} days: ${percent(returnOnInvestment.value)} (${percent(returnOnInvestment.lower)} to ${percent(returnOnInvestment.upper)}).`,
        ]),
    ...(explanation === undefined ? [] : ['', driversText('the revenue', explanation, dollars)]),
    ...remarks(answer, synthetic),
  ].join('\n')
}

/** How likely a draft goes viral, for people to read. */
export function viralityText(answer: ViralityAnswer, synthetic: boolean): string {
  const { probability, definition, explanation } = answer
  return [
    `${percent(probability)} to go viral: ${definition}.`,
    ...(explanation === undefined ? [] : ['', driversText('the probability', explanation, percent)]),
    ...remarks(answer, synthetic),
  ].join('\n')
}

function driversText(what: string, { typical, drivers }: Explanation, shown: (value: number) => string): string {
  const effects = drivers.map((driver) => [
    driver.label,
    'factor' in driver ? `×${driver.factor.toFixed(2)}` : `${signed(driver.points)} points`,
  ])
  return `${textTable(['input', `moves ${what}`], effects)}\nAgainst ${shown(typical)}, which is typical of contents of the past. What the model rests on, no claim of causes.`
}

function suggestionsText(suggestions: NonNullable<EngagementAnswer['suggestions']>): string {
  if (suggestions.length === 0)
    return 'The model expects more of no other hour of the next seven days, and of no other duration.'
  const rows = suggestions.map(({ field, from, to, expectedFactor }) => [
    inputLabel(field),
    changeText(from),
    changeText(to),
    `×${expectedFactor.toFixed(2)}`,
  ])
  return `${textTable(['change', 'from', 'to', 'expected'], rows)}\nEach change alone, and what the model expects of it: no claim of causes.`
}

function remarks(
  { model, fallback, unknownFields }: EngagementAnswer | ViralityAnswer | RevenueAnswer,
  synthetic: boolean,
): string[] {
  return [
    '',
    `${model.name} version ${model.version}`,
    ...(fallback === null ? [] : [`Fallback: ${fallback.detail}`]),
    ...(unknownFields === undefined
      ? []
      : [`The model has not learned this ${unknownFields.join(', ')}, which therefore counts as unknown.`]),
    ...(synthetic ? ['The data is synthetic.'] : []),
  ]
}

/** `2026-11-27 23:00 UTC`, or `480 s`. */
const changeText = (value: string | number): string =>
  typeof value === 'number' ? `${value} s` : `${value.slice(0, 16).replace('T', ' ')} UTC`

/** Counts are whole, but expectations below ten are not. */
const count = (value: number): string => (value < 10 ? String(Number(value.toPrecision(2))) : String(Math.round(value)))
const dollars = (value: number): string => `$${value.toFixed(2)}`
const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
const signed = (points: number): string => `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`
