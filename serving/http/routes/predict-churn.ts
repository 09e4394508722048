import { z } from 'zod'
import { predictChurn } from '../../predict/predict-churn.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, fallbackField, id, modelField, noParameters } from '../fields.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'

const probability = z.number().min(0).max(1)

export const predictChurnRoute = ({ models, store, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/churn',
    operationId: 'predictChurn',
    tag: 'Predictions',
    summary: 'How likely a person of the audience is lost, within 28 and 90 days and week by week',
    params: noParameters,
    query: noParameters,
    body: parsedBody(bodyOf({ userId: id('who') })),
    answer: z.object({
      userId: z.string(),
      probabilities: z
        .array(z.object({ horizonDays: z.number().int(), probability }))
        .describe('to be lost within so many days, calibrated; horizons that the data did not cover are left out'),
      hazardByWeek: z
        .array(probability)
        .describe('to be lost in the first, second, … week of someone who was not before'),
      definition: z.string().describe('what counts as lost'),
      model: modelField,
      fallback: fallbackField.nullable(),
    }),
    example: { body: { userId: 'user-1' } },
    handle: ({ body }) =>
      models.require('churn', async (model) => {
        const [prediction] = await predictChurn(model, store, [body.userId], clock())
        const { userId, probabilities, hazardByWeek, fallback } = prediction!
        return {
          body: {
            userId,
            probabilities: probabilities.map(({ horizonDays, probability }) => ({
              horizonDays,
              probability: rounded(probability),
            })),
            hazardByWeek: hazardByWeek.map(rounded),
            definition: model.payload.definition,
            model: referenceOf(model),
            fallback,
          },
        }
      }),
  })
