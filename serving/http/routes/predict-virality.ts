import { z } from 'zod'
import { completeDraft } from '../../predict/draft.ts'
import { earlyFields, predictVirality } from '../../predict/predict-draft.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, fallbackField, modelField, noParameters } from '../fields.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import { draftFields, exampleDraft } from './draft-fields.ts'

/** More than there are people. */
const mostCounted = 1e10
const countExpected = `expected a whole number from 0 to ${mostCounted}`
/**
 * One count is not held against another: the marts do not, and on real platforms the likes of the first hours may be more than the views,
 * which are verified and counted later.
 */
const count = z.number(countExpected).int(countExpected).min(0, countExpected).max(mostCounted, countExpected)

export const predictViralityRoute = ({ models, store, live, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/virality',
    operationId: 'predictVirality',
    tag: 'Predictions',
    summary: 'How likely a draft goes viral; surer with the first counts of a published content',
    params: noParameters,
    query: noParameters,
    body: parsedBody(
      bodyOf({
        ...draftFields,
        early: z
          .record(z.string().max(100), count)
          .optional()
          .describe('first counts by the model’s names, which every answer lists in `earlyFields`'),
      }),
    ),
    answer: z.object({
      creatorId: z.string(),
      probability: z.number().min(0).max(1).describe('calibrated'),
      definition: z.string().describe('what counts as viral'),
      earlyFields: z.array(z.string()),
      model: modelField,
      fallback: fallbackField.nullable(),
    }),
    example: { body: exampleDraft },
    handle: ({ body }) =>
      models.require('virality', async (model) => {
        const now = clock()
        const { early, ...given } = body
        const draft = completeDraft(given, live.view.catalogue, now)
        const { probability, fallback } = await predictVirality(model, store, draft, early ?? {}, now)
        return {
          body: {
            creatorId: body.creatorId,
            probability: rounded(probability),
            definition: model.payload.definition,
            earlyFields: earlyFields(model.payload),
            model: referenceOf(model),
            fallback,
          },
        }
      }),
  })
