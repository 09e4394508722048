import { z } from 'zod'
import { isTimeZone, postingTimes } from '../../predict/posting-times.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { fallbackField, id, integerParameter, modelField, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

const timeZone = z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Berlin')

export const postingTimesRoute = ({ models, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/creators/{id}/posting-times',
    operationId: 'postingTimes',
    tag: 'Creators',
    summary: 'The best hours of the next seven days to publish',
    params: parameters({ id: id('creator id') }),
    query: parameters({
      limit: integerParameter(1, 168, 5, 'number of hours, best first; 168 is the whole week'),
      timeZone: timeZone.default('UTC').describe('IANA time zone of `local`, `weekday` and `hour`'),
      platform: z.string().min(1).max(100).optional().describe('by default where the creator posts most'),
    }),
    answer: z.object({
      creatorId: z.string(),
      timeZone: z.string(),
      basis: z
        .enum(['creator', 'category', 'platform', 'everyone'])
        .describe('whose posts carry most weight: too few of the creator’s own are complemented by others'),
      posts: z.number().int().describe('contents that the estimate rests on'),
      slots: z
        .array(
          z.object({
            startsAt: z.iso.datetime().describe('UTC'),
            local: z.string(),
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
    handle: ({ params, query }) =>
      models.require('posting-time', async (model) => {
        const question = { creatorId: params.id, ...query, platform: query.platform }
        const { slots, basis, posts, fallback } = await postingTimes(model, question, clock())
        return {
          body: {
            creatorId: params.id,
            timeZone: query.timeZone,
            basis,
            posts,
            slots: slots.map((slot) => ({
              ...slot,
              lift: rounded(slot.lift),
              lower: rounded(slot.lower),
              upper: rounded(slot.upper),
            })),
            model: referenceOf(model),
            fallback,
          },
        }
      }),
  })
