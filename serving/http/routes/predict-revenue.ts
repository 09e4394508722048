import { z } from 'zod'
import type { DraftWorld, GivenDraft } from '../../predict/draft.ts'
import { explainDraft } from '../../predict/explain.ts'
import { type DraftRevenue, predictRevenue, type RevenueInterval } from '../../predict/predict-revenue.ts'
import type { TabularModel } from '../../predict/score-drafts.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, modelField, noParameters } from '../fields.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import { draftFactsFields, optionalExplanation, shownExplanation, shownFacts } from './draft-answers.ts'
import { draftWithCostFields, draftWorld, exampleDraft, explainFlag } from './draft-fields.ts'

const afterPublication = 'until the end of that day after publication'

/** Fields of a sum of money with its interval. */
export const revenueInterval = (what: string, horizon: string) => ({
  horizonDays: z.number().int().describe(horizon),
  value: z.number().describe(what),
  lower: z.number().describe('80 % interval'),
  upper: z.number(),
})

/** What an answer says of a draft's money. */
export const revenueFields = {
  revenueUsd: z
    .array(z.object(revenueInterval('US dollars', afterPublication)))
    .describe('the horizon first by which the model is judged'),
  returnOnInvestment: z
    .object(revenueInterval('(revenue − cost)/cost: −1 loses everything, 0 breaks even', afterPublication))
    .nullable()
    .describe('at the longest horizon; null where no cost is given'),
}

export const predictRevenueRoute = (context: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/revenue',
    operationId: 'predictRevenue',
    tag: 'Predictions',
    summary: 'Advertising and sponsorship revenue that a draft will earn, and what that is of its cost',
    params: noParameters,
    query: noParameters,
    body: parsedBody(bodyOf({ ...draftWithCostFields, explain: explainFlag })),
    answer: z.object({ ...draftFactsFields, ...revenueFields, explanation: optionalExplanation, model: modelField }),
    example: { body: { ...exampleDraft, costUsd: 25 } },
    handle: ({ body: { explain, ...given } }) =>
      context.models.require('revenue', async (model) => ({
        body: await revenueAnswer(model, context.store, given, draftWorld(context), { explain }),
      })),
  })

/** What a single draft will earn in money, as clients read it. */
export async function revenueAnswer(
  model: TabularModel,
  store: GuardedStore,
  given: GivenDraft,
  world: DraftWorld,
  { explain }: { readonly explain: boolean },
) {
  const { examples, drafts } = await predictRevenue(model, store, [given], world)
  const [explanation] = explain ? await explainDraft(model, examples) : []
  return {
    ...shownRevenue(drafts[0]!),
    ...(explanation && { explanation: shownExplanation({ ...explanation, typical: explanation.typical / 100 }) }),
    model: referenceOf(model),
  }
}

export const shownRevenue = ({ revenue, returnOnInvestment, ...facts }: DraftRevenue) => ({
  ...shownFacts(facts),
  revenueUsd: revenue.map(shownInterval),
  returnOnInvestment: returnOnInvestment && shownInterval(returnOnInvestment),
})

export const shownInterval = ({ horizonDays, value, lower, upper }: RevenueInterval) => ({
  horizonDays,
  value: rounded(value),
  lower: rounded(lower),
  upper: rounded(upper),
})
