import { z } from 'zod'
import { inputLabel } from '../../../features/transforms/input-groups.ts'
import { draftMoments } from '../../predict/early-fields.ts'
import type { Explanation } from '../../predict/explain.ts'
import type { EngagementPrediction } from '../../predict/predict-engagement.ts'
import type { DraftFacts } from '../../predict/score-drafts.ts'
import { rounded } from '../content-fields.ts'
import { fallbackField } from '../fields.ts'

const explanationField = z
  .object({
    typical: z.number().describe('what the model predicts on average for held-out contents of the past'),
    drivers: z
      .array(
        z.object({
          field: z
            .string()
            .describe(
              'a field of the draft, or a theme of the creator’s history: typical-result, reaction-rates, trend, posting-frequency, tenure, audience',
            ),
          label: z.string().describe('how a person calls it'),
          factor: z.number().positive().optional().describe('of a count: (1 + typical) times all factors is 1 + value'),
          points: z.number().optional().describe('of a probability: 100 · typical plus all points is its percentage'),
        }),
      )
      .describe('sampled Shapley values, the strongest first'),
  })
  .describe('only with `explain`: what the model rests on, no claim of causes')
  .meta({ id: 'Explanation' })

/** A field of answers that explain one target. */
export const optionalExplanation = explanationField.optional()

/** What every answer says of its draft. */
export const draftFactsFields = {
  creatorId: z.string(),
  unknownFields: z
    .array(z.string())
    .optional()
    .describe(
      'fields whose value the model has not learned, so that it counts as unknown; absent where there are none',
    ),
  fallback: fallbackField.nullable(),
}

/** What answers say of early counts, of models that take some. */
export const earlyAnswerFields = {
  moment: z.enum(draftMoments).describe('after-first-day where the draft carries first counts (`early`)'),
  earlyFields: z.array(z.string()).describe('first counts that the model takes'),
}

export const predictionField = z
  .object({
    target: z
      .string()
      .describe('e.g. views_7d: within seven days of publication; of a later day never less than of an earlier one'),
    unit: z.string(),
    value: z
      .number()
      .describe('of a count e^(expected logarithm), which is near the median: means of counts are higher'),
    lower: z.number().describe('80 % interval'),
    upper: z.number(),
    explanation: optionalExplanation,
  })
  .meta({ id: 'EngagementPrediction' })

export const shownFacts = ({ creatorId, unknownFields, fallback }: DraftFacts) => ({
  creatorId,
  ...(unknownFields.length === 0 ? {} : { unknownFields: [...unknownFields] }),
  fallback,
})

export const shownPrediction = ({ target, unit, value, lower, upper }: EngagementPrediction) => ({
  target,
  unit,
  value: rounded(value),
  lower: rounded(lower),
  upper: rounded(upper),
})

export const shownExplanation = ({ typical, drivers }: Explanation) => ({
  typical: rounded(typical),
  drivers: drivers.map(({ field, ...effect }) => ({
    field,
    label: inputLabel(field),
    ...('factor' in effect ? { factor: rounded(effect.factor) } : { points: rounded(effect.points) }),
  })),
})
