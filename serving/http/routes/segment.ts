import { z } from 'zod'
import { userSegment } from '../../predict/segment.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import type { ServiceContext } from '../context.ts'
import { fallbackField, id, modelField, noParameters, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

const segmentField = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    users: z.number().int(),
    share: z.number(),
    traits: z.array(
      z.object({ feature: z.string(), mean: z.number(), overall: z.number(), standardDeviations: z.number() }),
    ),
  })
  .meta({ id: 'Segment' })

export const segmentRoute = ({ models, store, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/users/{id}/segment',
    operationId: 'userSegment',
    tag: 'Audience',
    summary: 'The audience segment of a user',
    params: parameters({ id: id('user id') }),
    query: noParameters,
    answer: z.object({
      userId: z.string(),
      segment: segmentField,
      distance: z.number().nullable().describe('to the centre of the segment; null for a fallback'),
      runnerUp: z.object({ id: z.string(), distance: z.number() }).nullable(),
      model: modelField,
      fallback: fallbackField.nullable(),
    }),
    example: { params: { id: 'user-1' } },
    handle: ({ params }) =>
      models.require('segments', async (model) => {
        const found = await userSegment(model, store, params.id, clock())
        return { body: { userId: params.id, ...found, model: referenceOf(model) } }
      }),
  })

export const segmentsRoute = ({ models }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/segments',
    operationId: 'segments',
    tag: 'Audience',
    summary: 'All audience segments, and what sets each apart',
    params: noParameters,
    query: noParameters,
    answer: z.object({ segments: z.array(segmentField), model: modelField, fallback: z.null() }),
    example: {},
    handle: () =>
      models.require('segments', async (model) => ({
        body: { segments: model.payload.segments, model: referenceOf(model), fallback: null },
      })),
  })
