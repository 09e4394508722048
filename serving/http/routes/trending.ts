import { z } from 'zod'
import { shownContent } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { contentFields, integerParameter, noParameters, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

const filter = (what: string) => z.string().min(1, 'expected at least one character').max(100).optional().describe(what)

export const trendingRoute = ({ live, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/trending',
    operationId: 'trending',
    tag: 'Recommendations',
    summary: 'What most people watch now',
    description:
      'Interactions of the last days, each halved every two days of age; posted events count at once. No model is involved.',
    params: noParameters,
    query: parameters({
      limit: integerParameter(1, 100, 10, 'length of the list'),
      platform: filter('only contents of this platform'),
      category: filter('only contents of this category'),
    }),
    answer: z.object({
      items: z.array(z.object(contentFields)),
      model: z.null().describe('trending needs no model'),
      fallback: z.null(),
    }),
    example: { query: { limit: '5' } },
    async handle({ query }) {
      const { catalogue, trending } = live.view
      const now = clock()
      const items = [...trending.list(now, query).subarray(0, query.limit)].map((index) =>
        shownContent(catalogue, index, trending.scoreOf(index, now)),
      )
      return { body: { items, model: null, fallback: null } }
    },
  })
