import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import type { ServiceContext } from '../context.ts'
import { bodyOf, id, integerField, noParameters } from '../fields.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import { listField, shownList } from './recommendations.ts'

const mostUsers = 100
const listsPerTurn = 10

export const recommendationsBatchRoute = ({ recommender }: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/recommendations:batch',
    operationId: 'recommendBatch',
    tag: 'Recommendations',
    summary: 'Lists for up to 100 users, ranked in one batch',
    params: noParameters,
    query: noParameters,
    body: parsedBody(
      bodyOf({
        users: z
          .array(id('user id'), 'expected a list of user ids')
          .min(1, `expected 1 to ${mostUsers} user ids`)
          .max(mostUsers, `expected 1 to ${mostUsers} user ids`),
        limit: integerField(1, 100, 10, 'length of each list'),
      }),
    ),
    answer: z.object({ recommendations: z.array(listField).describe('in the order of `users`') }),
    example: { body: { users: ['user-1', 'user-2'], limit: 3 } },
    async handle({ body }) {
      const found = await recommender.recommend(body.users, body.limit)
      const recommendations: ReturnType<typeof shownList>[] = []
      for (const [i, list] of found.lists.entries()) {
        // A hundred lists of a hundred contents take a while to write out: others get their turn.
        if (i % listsPerTurn === listsPerTurn - 1) await nextTurn()
        recommendations.push(shownList(found, list))
      }
      return { body: { recommendations } }
    },
  })
