import { z } from 'zod'
import type { DraftWorld, GivenDraft } from '../../predict/draft.ts'
import { earlyFields, momentOf, requireEarlyFields } from '../../predict/early-fields.ts'
import { explainDraft } from '../../predict/explain.ts'
import { predictVirality } from '../../predict/predict-virality.ts'
import type { TabularModel } from '../../predict/score-drafts.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, modelField, noParameters } from '../fields.ts'
import { defineRoute, parsedBody, type Route } from '../route.ts'
import {
  draftFactsFields,
  earlyAnswerFields,
  optionalExplanation,
  shownExplanation,
  shownFacts,
} from './draft-answers.ts'
import { draftWithEarlyFields, draftWorld, exampleDraft, explainFlag } from './draft-fields.ts'

export const predictViralityRoute = (context: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/virality',
    operationId: 'predictVirality',
    tag: 'Predictions',
    summary: 'How likely a draft goes viral; surer with the first counts of a published content',
    params: noParameters,
    query: noParameters,
    body: parsedBody(bodyOf({ ...draftWithEarlyFields, explain: explainFlag })),
    answer: z.object({
      ...draftFactsFields,
      probability: z.number().min(0).max(1).describe('calibrated'),
      explanation: optionalExplanation,
      definition: z.string().describe('what counts as viral'),
      ...earlyAnswerFields,
      model: modelField,
    }),
    example: { body: exampleDraft },
    handle: ({ body: { explain, ...given } }) =>
      context.models.require('virality', async (model) => ({
        body: await viralityAnswer(model, context.store, given, draftWorld(context), { explain }),
      })),
  })

/** How likely a single draft goes viral, as clients read it. @throws AppError INPUT_INVALID naming a count that the model does not know */
export async function viralityAnswer(
  model: TabularModel,
  store: GuardedStore,
  given: GivenDraft,
  world: DraftWorld,
  { explain }: { readonly explain: boolean },
) {
  requireEarlyFields(model.payload, given)
  const { examples, drafts } = await predictVirality(model, store, [given], world)
  const [explanation] = explain ? await explainDraft(model, examples) : []
  return {
    ...shownFacts(drafts[0]!),
    probability: rounded(drafts[0]!.probability),
    ...(explanation && { explanation: shownExplanation(explanation) }),
    definition: model.payload.definition,
    moment: momentOf(given),
    earlyFields: earlyFields(model.payload),
    model: referenceOf(model),
  }
}
