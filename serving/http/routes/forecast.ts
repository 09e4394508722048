import { z } from 'zod'
import { forecastContent } from '../../predict/forecast.ts'
import type { Catalogue } from '../../recommend/catalogue.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { type LoadedModel, referenceOf } from '../../runtime/loaded-model.ts'
import { requireContent, rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { fallbackField, id, modelField, noParameters, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

export const forecastRoute = ({ models, store, live, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/content/{id}/forecast',
    operationId: 'forecastContent',
    tag: 'Predictions',
    summary: 'How the counts of a published content go on in its first 28 days',
    description:
      'From the counts so far and how the content began, day by day. The model foretells days 1, 3, 7, 14 and 28, as far as the data it has learned from reaches; between them ln(1 + count) is interpolated over ln(2 + day).',
    params: parameters({ id: id('content id') }),
    query: noParameters,
    answer: z.object({
      contentId: z.string(),
      ageDays: z.number().int().nullable().describe('the last whole day that is counted; 0 is that of publication'),
      counts: z
        .array(
          z.object({
            quantity: z.string().describe('e.g. views'),
            unit: z.string(),
            curve: z
              .array(
                z.object({
                  day: z.number().int().describe('until the end of that day'),
                  value: z.number(),
                  lower: z.number().describe('80 % interval'),
                  upper: z.number(),
                }),
              )
              .describe('the first point is what is counted so far'),
          }),
        )
        .describe('empty where the content is not young, or not counted yet'),
      model: modelField,
      fallback: fallbackField.nullable(),
    }),
    statuses: { 404: 'no such content' },
    example: { params: { id: 'content-1' } },
    handle: ({ params }) =>
      models.require('forecast', async (model) => ({
        body: await forecastAnswer(model, store, live.view.catalogue, params.id, clock()),
      })),
  })

/** How a content goes on, as clients read it. @throws AppError NOT_FOUND */
export async function forecastAnswer(
  model: LoadedModel<'forecast'>,
  store: GuardedStore,
  catalogue: Catalogue,
  contentId: string,
  now: number,
) {
  const card = catalogue.cards[requireContent(catalogue, contentId)]!
  const { ageDays, counts, fallback } = await forecastContent(model, store, card, now)
  return {
    contentId,
    ageDays,
    counts: counts.map(({ quantity, unit, curve }) => ({
      quantity,
      unit,
      curve: curve.map(({ day, value, lower, upper }) => ({
        day,
        value: rounded(value),
        lower: rounded(lower),
        upper: rounded(upper),
      })),
    })),
    model: referenceOf(model),
    fallback,
  }
}
