import { z } from 'zod'
import { similarTo } from '../../recommend/similar.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { requireContent, shownContent } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { contentFields, fallbackField, id, integerParameter, modelField, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

export const similarRoute = ({ models, live, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/content/{id}/similar',
    operationId: 'similarContent',
    tag: 'Recommendations',
    summary: 'What the same people like',
    params: parameters({ id: id('content id') }),
    query: parameters({ limit: integerParameter(1, 50, 10, 'length of the list') }),
    answer: z.object({
      contentId: z.string(),
      items: z.array(z.object(contentFields)),
      model: modelField.nullable(),
      fallback: fallbackField.nullable(),
    }),
    statuses: { 404: 'no such content' },
    example: { params: { id: 'content-1' }, query: { limit: '5' } },
    handle({ params, query }) {
      const { view } = live
      const index = requireContent(view.catalogue, params.id)
      return models.useOrStandIn('recommender', async (model, refusal) => {
        const { items, fallback } = similarTo(
          index,
          query.limit,
          view,
          model,
          refusal,
          models.absence('recommender'),
          clock(),
        )
        return {
          body: {
            contentId: params.id,
            items: items.map((item) => shownContent(view.catalogue, item.index, item.score)),
            model: model === undefined ? null : referenceOf(model),
            fallback,
          },
        }
      })
    },
  })
