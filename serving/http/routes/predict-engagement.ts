import { z } from 'zod'
import { AppError } from '../../../errors.ts'
import { rankDrafts } from '../../predict/compare.ts'
import type { DraftWorld, GivenDraft } from '../../predict/draft.ts'
import { earlyFields, momentOf, requireEarlyFields } from '../../predict/early-fields.ts'
import { explainDraft } from '../../predict/explain.ts'
import { predictEngagement } from '../../predict/predict-engagement.ts'
import type { TabularModel } from '../../predict/score-drafts.ts'
import { suggestChanges } from '../../predict/suggest.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { type LoadedModel, referenceOf } from '../../runtime/loaded-model.ts'
import { rounded } from '../content-fields.ts'
import type { ServiceContext } from '../context.ts'
import { bodyOf, modelField, noParameters } from '../fields.ts'
import { parseInput } from '../problem.ts'
import { defineRoute, type Route } from '../route.ts'
import {
  draftFactsFields,
  earlyAnswerFields,
  predictionField,
  shownExplanation,
  shownFacts,
  shownPrediction,
} from './draft-answers.ts'
import { draftWithEarlyFields, draftWorld, exampleDraft, explainFlag, flag, longestSeconds } from './draft-fields.ts'

const mostCompared = 20
const comparedExpected = `expected 2 to ${mostCompared} drafts to compare; predictions/engagement:batch takes more`

const singleBody = bodyOf({
  ...draftWithEarlyFields,
  explain: explainFlag,
  suggest: flag(
    'say which hours of the next seven days and which durations would change the prediction for the better',
  ),
})
const severalBody = bodyOf({
  drafts: z
    .array(bodyOf(draftWithEarlyFields), 'expected a list of drafts')
    .min(2, comparedExpected)
    .max(mostCompared, comparedExpected),
})

const singleAnswer = z.object({
  ...draftFactsFields,
  predictions: z.array(predictionField).describe('the headline first'),
  suggestions: z
    .array(
      z.object({
        field: z.enum(['plannedAt', 'durationSeconds']),
        from: z.union([z.iso.datetime(), z.number()]),
        to: z.union([z.iso.datetime(), z.number()]),
        expectedFactor: z.number().describe('of 1 + the headline count'),
      }),
    )
    .optional()
    .describe(
      'only with `suggest`: what the model expects of each change alone, the strongest first; no claim of causes',
    ),
  ...earlyAnswerFields,
  model: modelField,
})
const severalAnswer = z.object({
  drafts: z
    .array(z.object({ ...draftFactsFields, predictions: z.array(predictionField), moment: earlyAnswerFields.moment }))
    .describe('as given'),
  target: z.string().describe('the headline, by which the drafts are ranked'),
  ranking: z
    .array(
      z.object({
        index: z.number().int().describe('place in `drafts`, from 0'),
        value: z.number(),
        factorToBest: z.number().describe('(1 + value) ÷ (1 + value of the best)'),
        overlapsBest: z.boolean().describe('whether its interval overlaps that of the best'),
      }),
    )
    .describe('best first'),
  model: modelField,
  fallback: z.null().describe('each draft has its own'),
})

export const predictEngagementRoute = (context: ServiceContext): Route =>
  defineRoute({
    method: 'post',
    path: '/v1/predictions/engagement',
    operationId: 'predictEngagement',
    tag: 'Predictions',
    summary:
      'Views, likes, comments and shares that a draft will earn, surer with the first counts of a published content; with `drafts`, which of several earns most',
    description:
      'With `explain`, what drives each prediction: the draft is held against 32 held-out contents of the past, and sampled Shapley values say how much each input moves the prediction from theirs. With `suggest`, the hour of publication within the next seven days and the duration are varied, each alone. Both say what the model expects and no more: an hour at which good videos came out is not what made them good. With `drafts`, two to twenty of them are predicted in one run and ranked.',
    params: noParameters,
    query: noParameters,
    body: {
      schema: z.union([singleBody, severalBody]),
      parse: (body) =>
        typeof body === 'object' && body !== null && 'drafts' in body
          ? parseInput(severalBody, body)
          : parseInput(singleBody, body),
    },
    answer: z.union([singleAnswer, severalAnswer]),
    example: { body: exampleDraft },
    handle: ({ body }) =>
      context.models.require('engagement', async (model) => ({
        body:
          'drafts' in body
            ? await compared(context, model, body)
            : await engagementAnswer(model, context.store, draftOf(body), draftWorld(context), body),
      })),
  })

/**
 * What a single draft will earn, as clients read it.
 *
 * @throws AppError INPUT_INVALID naming a count that the model does not know, or asking what to change of a published content
 */
export async function engagementAnswer(
  model: TabularModel,
  store: GuardedStore,
  given: GivenDraft,
  world: DraftWorld,
  { explain, suggest }: { readonly explain: boolean; readonly suggest: boolean },
) {
  requireEarlyFields(model.payload, given)
  if (suggest) requireUnpublished(given)
  const { examples, drafts } = await predictEngagement(model, store, [given], world)
  const [draft] = drafts
  const explanations = explain ? await explainDraft(model, examples) : []
  const suggestions = suggest ? await suggestChanges(model, examples, longestSeconds, world.now) : undefined
  return {
    ...shownFacts(draft!),
    predictions: draft!.predictions.map((prediction, t) => {
      const explanation = explanations[t]
      return { ...shownPrediction(prediction), ...(explanation && { explanation: shownExplanation(explanation) }) }
    }),
    ...(suggestions && {
      suggestions: suggestions.map(({ field, from, to, expectedFactor }) => ({
        field,
        from: shownValue(field, from),
        to: shownValue(field, to),
        expectedFactor: rounded(expectedFactor),
      })),
    }),
    moment: momentOf(given),
    earlyFields: earlyFields(model.payload),
    model: referenceOf(model),
  }
}

function requireUnpublished(given: GivenDraft): void {
  if (momentOf(given) === 'before-publication') return
  throw new AppError(
    'INPUT_INVALID',
    'suggest: expected a draft without first counts, as a content that has some is published and its hour is past; leave out suggest, or early.',
    { details: { field: 'suggest' } },
  )
}

const draftOf = ({ explain: _, suggest: __, ...draft }: z.infer<typeof singleBody>): GivenDraft => draft

async function compared(context: ServiceContext, model: LoadedModel<'engagement'>, body: z.infer<typeof severalBody>) {
  for (const [place, draft] of body.drafts.entries()) requireEarlyFields(model.payload, draft, `drafts.${place}.`)
  const { drafts } = await predictEngagement(model, context.store, body.drafts, draftWorld(context))
  return {
    drafts: drafts.map((draft, i) => ({
      ...shownFacts(draft),
      predictions: draft.predictions.map(shownPrediction),
      moment: momentOf(body.drafts[i]!),
    })),
    target: model.payload.targets[0]!.name,
    ranking: rankDrafts(drafts.map(({ predictions }) => predictions[0]!)).map(({ value, factorToBest, ...rest }) => ({
      ...rest,
      value: rounded(value),
      factorToBest: rounded(factorToBest),
    })),
    model: referenceOf(model),
    fallback: null,
  }
}

const shownValue = (field: 'plannedAt' | 'durationSeconds', seconds: number): string | number =>
  field === 'plannedAt' ? new Date(seconds * 1000).toISOString() : seconds
