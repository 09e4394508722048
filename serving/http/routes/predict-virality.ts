import { z } from 'zod'
import type { DraftWorld, GivenDraft } from '../../predict/draft.ts'
import { earlyFields, momentOf, requireEarlyFields } from '../../predict/early-fields.ts'
import { explainDraft } from '../../predict/explain.ts'
import { type DraftVirality, predictVirality } from '../../predict/predict-virality.ts'
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

const probabilityField = z.number().min(0).max(1).describe('calibrated')
const liftField = z
  .number()
  .nullable()
  .describe(
    'how many times as likely as any content of the past; null in models that were trained before that was kept',
  )

/** What an answer says of how likely a draft goes viral. */
export const viralityFields = {
  probability: probabilityField,
  lift: liftField,
  aboveThreshold: z
    .object({
      probability: probabilityField,
      lift: liftField,
      threshold: z.number().describe('count that is the same for all creators'),
      definition: z.string().describe('what the probability is of'),
    })
    .nullable()
    .describe('null where the model has not learned to answer that'),
}

const shownLift = (lift: number | null): number | null => (lift === null ? null : rounded(lift))

export const shownVirality = ({ probability, lift, aboveThreshold, ...facts }: DraftVirality) => ({
  ...shownFacts(facts),
  probability: rounded(probability),
  lift: shownLift(lift),
  aboveThreshold: aboveThreshold && {
    ...aboveThreshold,
    probability: rounded(aboveThreshold.probability),
    lift: shownLift(aboveThreshold.lift),
    threshold: rounded(aboveThreshold.threshold),
  },
})

export const predictViralityRoute = (context: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/virality',
    operationId: 'predictVirality',
    tag: 'Predictions',
    summary: 'How likely a draft goes viral; surer with the first counts of a published content',
    description:
      'Two questions: does it exceed what is usual for its creator (`probability`), and a count that is the same for all (`aboveThreshold`)? `explain` says what drives the first.',
    params: noParameters,
    query: noParameters,
    body: parsedBody(bodyOf({ ...draftWithEarlyFields, explain: explainFlag })),
    answer: z.object({
      ...draftFactsFields,
      ...viralityFields,
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
    ...shownVirality(drafts[0]!),
    ...(explanation && { explanation: shownExplanation(explanation) }),
    definition: model.payload.definition,
    moment: momentOf(given),
    earlyFields: earlyFields(model.payload),
    model: referenceOf(model),
  }
}
