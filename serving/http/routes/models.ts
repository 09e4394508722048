import { z } from 'zod'
import { modelNames } from '../../../models/artifact/manifest.ts'
import type { ServiceContext } from '../context.ts'
import { noParameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'

const estimate = z
  .object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() })
  .meta({ id: 'Estimate' })

const version = z.object({
  version: z.number().int(),
  aliases: z.array(z.enum(['champion', 'challenger'])),
  createdAt: z.iso.datetime(),
  runId: z.string(),
  synthetic: z.boolean().describe('trained on the sample: its metrics say nothing about quality'),
  metrics: z.array(
    z.object({
      metric: z.string(),
      higherIsBetter: z.boolean(),
      model: estimate,
      baselines: z.record(z.string(), estimate),
    }),
  ),
  verdict: z
    .object({ action: z.enum(['register', 'promote', 'refuse', 'rollback']), reason: z.string(), at: z.string() })
    .nullable()
    .describe('why it was promoted, refused or rolled back'),
})

export const modelsRoute = ({ overview }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/models',
    operationId: 'models',
    tag: 'Models',
    summary: 'Which model versions there are, which serve, and how they did against their baselines',
    params: noParameters,
    query: noParameters,
    answer: z.object({
      models: z.array(
        z.object({
          name: z.enum(modelNames),
          serving: z.number().int().nullable().describe('the version that answers now'),
          refused: z
            .object({ version: z.number().int(), code: z.string(), message: z.string() })
            .nullable()
            .describe('a champion that did not load; the version before goes on serving'),
          standIn: z
            .object({ version: z.number().int(), reason: z.string() })
            .nullable()
            .describe(
              'no champion: the refused version whose neighbour lists answer in its place, and why it was refused',
            ),
          versions: z.array(version).describe('newest first, at most ten'),
        }),
      ),
      registryProblem: z.string().nullable().describe('why only loaded versions are shown'),
      fallback: z.null(),
    }),
    example: {},
    async handle() {
      return { body: { ...(await overview.overview()), fallback: null } }
    },
  })
