import { z } from 'zod'
import type { ServiceContext } from '../context.ts'
import { integerParameter, noParameters, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

export const usersRoute = ({ store }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/users',
    operationId: 'users',
    tag: 'Directory',
    summary: 'Some known user ids to try things with',
    params: noParameters,
    query: parameters({ limit: integerParameter(1, 100, 20, 'number of ids') }),
    answer: z.object({ users: z.array(z.string()), model: z.null(), fallback: z.null() }),
    example: { query: { limit: '3' } },
    async handle({ query }) {
      const users = await store.read((open) => open.userIds(query.limit))
      return { body: { users: [...users], model: null, fallback: null } }
    },
  })

export const creatorsRoute = ({ live }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/creators',
    operationId: 'creators',
    tag: 'Directory',
    summary: 'Creators with most contents first',
    params: noParameters,
    query: parameters({ limit: integerParameter(1, 500, 50, 'number of creators') }),
    answer: z.object({
      creators: z.array(
        z.object({
          creatorId: z.string(),
          name: z.string(),
          platform: z.string(),
          category: z.string(),
          country: z.string(),
          contentCount: z.number().int(),
        }),
      ),
      model: z.null(),
      fallback: z.null(),
    }),
    example: { query: { limit: '3' } },
    async handle({ query }) {
      const creators = [...live.view.catalogue.creators]
        .sort((a, b) => b.contentCount - a.contentCount || (a.creatorId < b.creatorId ? -1 : 1))
        .slice(0, query.limit)
      return { body: { creators, model: null, fallback: null } }
    },
  })
