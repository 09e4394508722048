import { z } from 'zod'
import { AppError } from '../../../errors.ts'
import { isTimeZone } from '../../../features/transforms/local-clock.ts'
import { longestSpacingHours, ownPublications } from '../../predict/own-publications.ts'
import { type PostingQuestion, postingTimes } from '../../predict/posting-times.ts'
import type { Catalogue } from '../../recommend/catalogue.ts'
import { type LoadedModel, referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { fallbackField, id, integerParameter, modelField, parameters, platformName } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

const timeZone = z.string().max(100).refine(isTimeZone, 'expected an IANA time zone such as Europe/Berlin')

const moment = z.iso.datetime({
  offset: true,
  error: 'expected an ISO 8601 date-time with a zone, e.g. 2026-03-12T18:00:00Z',
})

const mostAvoided = 50
const avoided = z
  .string()
  .max(mostAvoided * 40)
  .transform((text) => text.split(','))
  .pipe(z.array(moment).max(mostAvoided))

const furthestSeconds = 366 * 86_400

const description = `Full hours on the creator’s own clock where the model knows it, else of UTC, so that habits keep their hour when clocks change.
Slots keep \`spacing\` hours from each other, from \`avoid\` and from what the creator published within the last day.
\`lift\` compares the creator’s posts at such hours with the creator’s other posts, and where there are few of them, those of others: it describes what was
observed and does not promise that moving a post changes what it earns.`

export const postingTimesRoute = ({ models, live, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/creators/{id}/posting-times',
    operationId: 'postingTimes',
    tag: 'Creators',
    summary: 'The best hours of the next seven days to publish',
    description,
    params: parameters({ id: id('creator id') }),
    query: parameters({
      limit: integerParameter(1, 168, 5, 'number of hours, best first; fewer where `spacing` leaves no more'),
      timeZone: timeZone
        .optional()
        .describe(
          'IANA time zone of `local`, `weekday` and `hour`; by default the creator’s own, or UTC where it is not known',
        ),
      platform: platformName('by default where the creator posts most').optional(),
      from: moment.optional().describe('start of the seven days, at most a year ahead; by default now'),
      spacing: integerParameter(
        0,
        longestSpacingHours,
        3,
        'fewest hours between two slots, and between a slot and a post of the creator’s own; 0: all hours of the week are slots',
      ),
      avoid: avoided
        .optional()
        .describe(`moments of posts that the creator has planned, separated by commas; at most ${mostAvoided}`),
    }),
    answer: z.object({
      creatorId: z.string(),
      platform: z.string().nullable().describe('null for a creator who is not known'),
      timeZone: z.string(),
      basis: z
        .enum(['creator', 'category', 'platform', 'everyone'])
        .describe('whose posts carry most weight: too few of the creator’s own are complemented by others'),
      basisText: z.string().describe('the same in words'),
      posts: z.number().int().describe('contents of the creator, or of everyone, that the estimate rests on'),
      slots: z
        .array(
          z.object({
            startsAt: z.iso.datetime().describe('UTC'),
            local: z.string(),
            utcOffset: z.string().describe('of `local`, e.g. +01:00'),
            weekday: z.number().int().describe('0 = Monday, local'),
            hour: z.number().int().describe('local'),
            lift: z.number().describe('expected engagement ÷ the creator’s own mean'),
            lower: z.number().describe('80 % interval'),
            upper: z.number(),
          }),
        )
        .describe('best first'),
      model: modelField,
      fallback: fallbackField.nullable(),
    }),
    example: { params: { id: 'creator-1' }, query: { limit: '3', timeZone: 'Europe/Berlin' } },
    handle: ({ params, query: { limit, platform, timeZone, spacing, from, avoid = [] } }) =>
      models.require('posting-time', async (model) => ({
        body: await postingTimesAnswer(model, live.view.catalogue, {
          creatorId: params.id,
          platform,
          timeZone,
          limit,
          from: startOf(from, clock()),
          spacingHours: spacing,
          avoid: avoid.map(secondsOf),
        }),
      })),
  })

/**
 * The best hours of a creator, as clients read them.
 *
 * @param question its `avoid` holds what is planned; what the catalogue knows to be just published is avoided too
 */
export async function postingTimesAnswer(
  model: LoadedModel<'posting-time'>,
  catalogue: Catalogue,
  question: PostingQuestion,
) {
  const { creatorId, platform, avoid } = question
  const own = ownPublications(catalogue, creatorId, platform)
  const { slots, fallback, ...rest } = await postingTimes(model, { ...question, avoid: [...own, ...avoid] })
  return {
    creatorId,
    ...rest,
    slots: slots.map((slot) => ({
      ...slot,
      lift: rounded(slot.lift),
      lower: rounded(slot.lower),
      upper: rounded(slot.upper),
    })),
    model: referenceOf(model),
    fallback,
  }
}

const secondsOf = (text: string): number => Date.parse(text) / 1000

/** @throws AppError INPUT_INVALID for a moment that is over or more than a year ahead */
function startOf(from: string | undefined, now: number): number {
  if (from === undefined) return now
  const seconds = secondsOf(from)
  if (seconds >= now - 60 && seconds <= now + furthestSeconds) return seconds
  throw new AppError('INPUT_INVALID', `from is ${from}; expected a moment from now to a year ahead.`, {
    details: { field: 'from' },
  })
}
