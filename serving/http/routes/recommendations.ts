import { z } from 'zod'
import { fallbackReasons } from '../../recommend/fallback.ts'
import { reasonCodes } from '../../recommend/reason.ts'
import type { Recommendation, Recommendations } from '../../recommend/recommend.ts'
import { shownContent } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { contentFields, fallbackField, id, integerParameter, modelField, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

const itemField = z
  .object({
    ...contentFields,
    reason: z.object({
      code: z.enum(reasonCodes),
      text: z.string(),
      becauseOf: z.string().nullable().describe('the content in the user’s history that speaks for it'),
    }),
  })
  .meta({ id: 'RecommendedItem' })

export const listField = z.object({
  userId: z.string(),
  items: z.array(itemField).describe('best first; shorter than asked for when there is no more'),
  model: modelField.nullable(),
  ranking: z
    .enum(['model', 'neighbours', 'trending'])
    .describe(
      'what ordered the list: network and neighbours, neighbours alone (a user new to the model, or a refused model), or what trends',
    ),
  fallback: fallbackField.extend({ reason: z.enum(fallbackReasons) }).nullable(),
})

export const shownList = ({ view }: Recommendations, list: Recommendation): z.infer<typeof listField> => ({
  userId: list.userId,
  items: list.items.map(({ index, score, reason }) => ({ ...shownContent(view.catalogue, index, score), reason })),
  model: list.model,
  ranking: list.ranking,
  fallback: list.fallback,
})

export const recommendationsRoute = ({ recommender }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/users/{id}/recommendations',
    operationId: 'recommend',
    tag: 'Recommendations',
    summary: 'What a user may want to see next',
    description:
      'Never contains what the user has seen. An unknown user gets what trends, with `fallback` saying so. An event posted before is considered.',
    params: parameters({ id: id('user id') }),
    query: parameters({ limit: integerParameter(1, 100, 10, 'length of the list') }),
    answer: listField,
    example: { params: { id: 'user-1' }, query: { limit: '5' } },
    async handle({ params, query }) {
      const found = await recommender.recommend([params.id], query.limit)
      return { body: shownList(found, found.lists[0]!) }
    },
  })
