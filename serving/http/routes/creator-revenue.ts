import { z } from 'zod'
import { creatorRevenue } from '../../predict/creator-revenue.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { type LoadedModel, referenceOf } from '../../runtime/loaded-model.ts'
import type { ServiceContext } from '../context.ts'
import { fallbackField, flagParameter, id, modelField, parameters } from '../fields.ts'
import { defineRoute, type Route } from '../route.ts'
import { optionalExplanation, shownExplanation } from './draft-answers.ts'
import { revenueInterval, shownInterval } from './predict-revenue.ts'

export const creatorRevenueRoute = ({ models, store, clock }: ServiceContext): Route =>
  defineRoute({
    method: 'get',
    path: '/v1/creators/{id}/revenue',
    operationId: 'creatorRevenue',
    tag: 'Creators',
    summary: 'What all contents of a creator will earn by advertising and sponsorship in the next days',
    description:
      'Of 7, 14 and 28 days, as far as the data that the model has learned from covers them. Contents that the creator publishes in these days count too.',
    params: parameters({ id: id('creator id') }),
    query: parameters({ explain: flagParameter('say what drives the prediction') }),
    answer: z.object({
      creatorId: z.string(),
      revenueUsd: z
        .array(
          z.object({
            ...revenueInterval('US dollars', 'from now until the end of so many days'),
            explanation: optionalExplanation,
          }),
        )
        .describe('the shortest horizon first; empty where the creator earned nothing in the last 90 days'),
      model: modelField,
      fallback: fallbackField.nullable(),
    }),
    example: { params: { id: 'creator-1' } },
    handle: ({ params, query: { explain } }) =>
      models.require('creator-revenue', async (model) => ({
        body: await creatorRevenueAnswer(model, store, params.id, clock(), { explain }),
      })),
  })

/** What a creator will earn, as clients read it. */
export async function creatorRevenueAnswer(
  model: LoadedModel<'creator-revenue'>,
  store: GuardedStore,
  creatorId: string,
  now: number,
  options: { readonly explain: boolean },
) {
  const { revenue, explanations, fallback } = await creatorRevenue(model, store, creatorId, now, options)
  return {
    creatorId,
    revenueUsd: revenue.map((its, i) => ({
      ...shownInterval(its),
      ...(explanations && { explanation: shownExplanation(explanations[i]!) }),
    })),
    model: referenceOf(model),
    fallback,
  }
}
