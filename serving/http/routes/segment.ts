import { z } from 'zod'
import { userSegment } from '../../predict/segment.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
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

type SegmentAnswer = z.infer<typeof segmentField>

const shownSegment = (segment: SegmentAnswer): SegmentAnswer => ({
  ...segment,
  share: rounded(segment.share),
  traits: segment.traits.map(({ feature, mean, overall, standardDeviations }) => ({
    feature,
    mean: rounded(mean),
    overall: rounded(overall),
    standardDeviations: rounded(standardDeviations),
  })),
})

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
        const { segment, distance, runnerUp, fallback } = await userSegment(model, store, params.id, clock())
        return {
          body: {
            userId: params.id,
            segment: shownSegment(segment),
            distance: distance === null ? null : rounded(distance),
            runnerUp: runnerUp === null ? null : { id: runnerUp.id, distance: rounded(runnerUp.distance) },
            model: referenceOf(model),
            fallback,
          },
        }
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
        body: { segments: model.payload.segments.map(shownSegment), model: referenceOf(model), fallback: null },
      })),
  })
