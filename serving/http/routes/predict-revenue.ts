import { z } from 'zod'
import type { DraftWorld, GivenDraft } from '../../predict/draft.ts'
import { explainDraft } from '../../predict/explain.ts'
import { type DraftRevenue, predictRevenue } from '../../predict/predict-revenue.ts'
import type { TabularModel } from '../../predict/score-drafts.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, modelField, noParameters } from '../fields.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import { draftFactsFields, optionalExplanation, shownExplanation, shownFacts } from './draft-answers.ts'
import { draftWithCostFields, draftWorld, exampleDraft, explainFlag } from './draft-fields.ts'

const interval = (what: string) => ({
  horizonDays: z.number().int().describe('until the end of that day after publication'),
  value: z.number().describe(what),
  lower: z.number().describe('80 % interval'),
  upper: z.number(),
})

/** What an answer says of a draft's money. */
export const revenueFields = {
  revenueUsd: z.array(z.object(interval('US dollars'))).describe('the horizon first by which the model is judged'),
  returnOnInvestment: z
    .object(interval('(revenue − cost)/cost: −1 loses everything, 0 breaks even'))
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

const shownInterval = ({ horizonDays, value, lower, upper }: DraftRevenue['revenue'][number]) => ({
  horizonDays,
  value: rounded(value),
  lower: rounded(lower),
  upper: rounded(upper),
})
