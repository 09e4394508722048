import { z } from 'zod'
import { completeDraft } from '../../predict/draft.ts'
import { predictEngagement } from '../../predict/predict-draft.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, fallbackField, modelField, noParameters } from '../fields.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import { draftFields, exampleDraft } from './draft-fields.ts'

export const predictEngagementRoute = ({ models, store, live, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/engagement',
    operationId: 'predictEngagement',
    tag: 'Predictions',
    summary: 'Views, likes, comments and shares that a draft will earn',
    params: noParameters,
    query: noParameters,
    body: parsedBody(bodyOf(draftFields)),
    answer: z.object({
      creatorId: z.string(),
      predictions: z.array(
        z.object({
          target: z.string().describe('e.g. views_7d: within seven days of publication'),
          unit: z.string(),
          value: z.number(),
          lower: z.number().describe('80 % interval'),
          upper: z.number(),
        }),
      ),
      model: modelField,
      fallback: fallbackField.nullable(),
    }),
    example: { body: exampleDraft },
    handle: ({ body }) =>
      models.require('engagement', async (model) => {
        const now = clock()
        const draft = completeDraft(body, live.view.catalogue, now)
        const { predictions, fallback } = await predictEngagement(model, store, draft, now)
        return {
          body: {
            creatorId: body.creatorId,
            predictions: predictions.map(({ target, unit, value, lower, upper }) => ({
              target,
              unit,
              value: rounded(value),
              lower: rounded(lower),
              upper: rounded(upper),
            })),
            model: referenceOf(model),
            fallback,
          },
        }
      }),
  })
