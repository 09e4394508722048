import { z } from 'zod'
import { AppError } from '../../../errors.ts'
import type { DraftWorld, GivenDraft } from '../../predict/draft.ts'
import { momentOf, requireEarlyFields } from '../../predict/early-fields.ts'
import { predictEngagement } from '../../predict/predict-engagement.ts'
import { predictRevenue } from '../../predict/predict-revenue.ts'
import { predictVirality } from '../../predict/predict-virality.ts'
import type { TabularModel } from '../../predict/score-drafts.ts'
import type { GuardedStore } from '../../runtime/guarded-store.ts'
import { referenceOf } from '../../runtime/loaded-model.ts'
import { bodyOf } from '../fields.ts'
import { draftFactsFields, earlyAnswerFields, predictionField, shownFacts, shownPrediction } from './draft-answers.ts'
import { draftWithCostFields, draftWithEarlyFields } from './draft-fields.ts'
import { revenueFields, shownRevenue } from './predict-revenue.ts'
import { shownVirality, viralityFields } from './predict-virality.ts'

/** What can be predicted of a draft: how each is asked for and answered where there are many. */
export interface PredictionKind {
  readonly name: 'engagement' | 'virality' | 'revenue'
  readonly summary: string
  readonly body: z.ZodType<GivenDraft>
  readonly answer: z.ZodType<object>
  /** In one run of the network; drafts whose early counts the model knows. */
  readonly predict: (
    model: TabularModel,
    store: GuardedStore,
    drafts: readonly GivenDraft[],
    world: DraftWorld,
  ) => Promise<readonly object[]>
}

export const engagementKind: PredictionKind = {
  name: 'engagement',
  summary: 'Views, likes, comments and shares',
  body: bodyOf(draftWithEarlyFields),
  answer: z.object({
    ...draftFactsFields,
    predictions: z.array(predictionField).describe('the headline first'),
    moment: earlyAnswerFields.moment,
  }),
  async predict(model, store, given, world) {
    const { drafts } = await predictEngagement(model, store, given, world)
    return drafts.map((draft, i) => ({
      ...shownFacts(draft),
      predictions: draft.predictions.map(shownPrediction),
      moment: momentOf(given[i]!),
    }))
  },
}

export const viralityKind: PredictionKind = {
  name: 'virality',
  summary: 'How likely drafts go viral,',
  body: bodyOf(draftWithEarlyFields),
  answer: z.object({
    ...draftFactsFields,
    ...viralityFields,
    moment: earlyAnswerFields.moment,
  }),
  async predict(model, store, given, world) {
    const { drafts } = await predictVirality(model, store, given, world)
    return drafts.map((draft, i) => ({ ...shownVirality(draft), moment: momentOf(given[i]!) }))
  },
}

export const revenueKind: PredictionKind = {
  name: 'revenue',
  summary: 'Advertising and sponsorship revenue',
  body: bodyOf(draftWithCostFields),
  answer: z.object({ ...draftFactsFields, ...revenueFields }),
  async predict(model, store, given, world) {
    const { drafts } = await predictRevenue(model, store, given, world)
    return drafts.map(shownRevenue)
  },
}

/**
 * Answers drafts that do not depend on each other, in one run of the network.
 *
 * @returns in order; for a draft that this model cannot answer the reason
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function answerEach(
  kind: PredictionKind,
  model: TabularModel,
  store: GuardedStore,
  drafts: readonly GivenDraft[],
  world: DraftWorld,
): Promise<(object | AppError)[]> {
  const refusals = drafts.map((draft) => refusalOf(model, draft))
  const good = drafts.filter((_, i) => refusals[i] === undefined)
  const answers = good.length === 0 ? [] : await kind.predict(model, store, good, world)
  let next = 0
  return refusals.map((refusal) => refusal ?? { ...answers[next++]!, model: referenceOf(model) })
}

function refusalOf({ payload }: TabularModel, draft: GivenDraft): AppError | undefined {
  try {
    requireEarlyFields(payload, draft)
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}
