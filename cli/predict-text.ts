import { inputLabel } from '../features/transforms/input-groups.ts'
import type { creatorRevenueAnswer } from '../serving/http/routes/creator-revenue.ts'
import type { forecastAnswer } from '../serving/http/routes/forecast.ts'
import type { postingTimesAnswer } from '../serving/http/routes/posting-times.ts'
import type { churnAnswer } from '../serving/http/routes/predict-churn.ts'
import type { engagementAnswer } from '../serving/http/routes/predict-engagement.ts'
import type { revenueAnswer } from '../serving/http/routes/predict-revenue.ts'
import type { viralityAnswer } from '../serving/http/routes/predict-virality.ts'
import { textTable } from './text-table.ts'

type EngagementAnswer = Awaited<ReturnType<typeof engagementAnswer>>
type ViralityAnswer = Awaited<ReturnType<typeof viralityAnswer>>
type RevenueAnswer = Awaited<ReturnType<typeof revenueAnswer>>
type ChurnAnswer = Awaited<ReturnType<typeof churnAnswer>>
type CreatorRevenueAnswer = Awaited<ReturnType<typeof creatorRevenueAnswer>>
type ForecastAnswer = Awaited<ReturnType<typeof forecastAnswer>>
type PostingTimesAnswer = Awaited<ReturnType<typeof postingTimesAnswer>>
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
    `From, to: the interval that holds 80 % of outcomes.${answer.moment === 'after-first-day' ? ' By the first counts too.' : ''}`,
    ...(headline?.explanation === undefined ? [] : ['', driversText(headline.target, headline.explanation, count)]),
    ...(suggestions === undefined ? [] : ['', suggestionsText(suggestions)]),
    ...remarks(answer, synthetic),
  ].join('\n')
}

/** What a draft will earn in money, for people to read. */
export function revenueText(answer: RevenueAnswer, synthetic: boolean): string {
  const { revenueUsd, returnOnInvestment, explanation } = answer
  return [
    revenueTable(revenueUsd, 'after'),
    ...(returnOnInvestment === null
      ? []
      : [
          `Return on investment after ${daysText(returnOnInvestment.horizonDays)}: ${percent(returnOnInvestment.value)} (${percent(returnOnInvestment.lower)} to ${percent(returnOnInvestment.upper)}).`,
        ]),
    ...(explanation === undefined ? [] : ['', driversText('the revenue', explanation, dollars)]),
    ...remarks(answer, synthetic),
  ].join('\n')
}

/** What a creator will earn, for people to read. */
export function creatorRevenueText(answer: CreatorRevenueAnswer, synthetic: boolean): string {
  const { revenueUsd } = answer
  return [
    ...(revenueUsd.length === 0 ? [] : [revenueTable(revenueUsd, 'the next')]),
    ...revenueUsd.flatMap(({ horizonDays, explanation }) =>
      explanation === undefined
        ? []
        : ['', driversText(`the revenue of ${daysText(horizonDays)}`, explanation, dollars, 'creators')],
    ),
    ...remarks(answer, synthetic),
  ].join('\n')
}

const daysText = (days: number): string => (days === 1 ? '1 day' : `${days} days`)

const revenueTable = (revenue: RevenueAnswer['revenueUsd'], when: string): string =>
  `${textTable(
    [when, 'expected', 'from', 'to'],
    revenue.map(({ horizonDays, value, lower, upper }) => [
      daysText(horizonDays),
      ...[value, lower, upper].map(dollars),
    ]),
  )}\nFrom, to: the interval that holds 80 % of outcomes.`

/** How likely a draft goes viral, for people to read. */
export function viralityText(answer: ViralityAnswer, synthetic: boolean): string {
  const { probability, lift, aboveThreshold, definition, explanation } = answer
  return [
    `${percent(probability)} to go viral${timesText(lift)}: ${definition}.`,
    ...(aboveThreshold === null
      ? []
      : [`${percent(aboveThreshold.probability)}${timesText(aboveThreshold.lift)}: ${aboveThreshold.definition}.`]),
    ...(explanation === undefined ? [] : ['', driversText('the probability', explanation, percent)]),
    ...remarks(answer, synthetic),
  ].join('\n')
}

const timesText = (lift: number | null): string =>
  lift === null ? '' : `, ${lift.toFixed(1)} times as likely as any content`

/** How likely a person is lost, for people to read. */
export function churnText(answer: ChurnAnswer, synthetic: boolean): string {
  const { probabilities, hazardByWeek, definition } = answer
  return [
    ...probabilities.map(
      ({ horizonDays, probability }) => `${percent(probability)} to be lost within ${horizonDays} days: ${definition}.`,
    ),
    `Week by week, of someone who was not lost before: ${hazardByWeek.map(percent).join(', ')}.`,
    ...probabilities.flatMap(({ horizonDays, explanation }) =>
      explanation === undefined
        ? []
        : ['', driversText(`the probability of ${horizonDays} days`, explanation, percent, 'people')],
    ),
    ...remarks(answer, synthetic),
  ].join('\n')
}

/** How a content goes on, for people to read: the days that a person would ask for. */
export function forecastText(answer: ForecastAnswer, synthetic: boolean): string {
  const shown = [1, 3, 7, 14, 28]
  const rows = answer.counts.flatMap(({ quantity, curve }) =>
    curve
      .filter(({ day }, i) => i === 0 || shown.includes(day))
      .map(({ day, value, lower, upper }, i) => [
        quantity,
        i === 0 ? `${day} (counted)` : String(day),
        ...[value, lower, upper].map(count),
      ]),
  )
  return [
    ...(rows.length === 0
      ? []
      : [
          textTable(['count', 'until day', 'expected', 'from', 'to'], rows),
          'From, to: the interval that holds 80 % of outcomes.',
        ]),
    ...remarks(answer, synthetic),
  ].join('\n')
}

/** When a creator best publishes, for people to read. */
export function postingTimesText(answer: PostingTimesAnswer, synthetic: boolean): string {
  const { slots, basisText, timeZone } = answer
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
    ...remarks(answer, synthetic),
  ].join('\n')
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function driversText(
  what: string,
  { typical, drivers }: Explanation,
  shown: (value: number) => string,
  of = 'contents',
): string {
  const effects = drivers.map((driver) => [
    driver.label,
    'factor' in driver ? `×${driver.factor.toFixed(2)}` : `${signed(driver.points)} points`,
  ])
  return `${textTable(['input', `moves ${what}`], effects)}\nAgainst ${shown(typical)}, which is typical of ${of} of the past. What the model rests on, no claim of causes.`
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
  {
    model,
    fallback,
    unknownFields,
  }: Pick<EngagementAnswer, 'model' | 'fallback'> & Partial<Pick<EngagementAnswer, 'unknownFields'>>,
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
