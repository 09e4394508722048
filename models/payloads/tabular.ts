import { z } from 'zod'

/**
 * engagement, virality and revenue: one network over creator features (from the store) and draft features (from the request); forecast: over
 * features of a content and its creator; churn: over features of a person, see churn.ts.
 *
 * texts        float32 [terms, W], where texts are read: what each term adds to the W numeric fields of the source `text`
 * background*  B contents that predictions are explained against: `backgroundNumeric` float32 [B, F] and `backgroundCategorical` int32
 *              [B, C] as model.onnx takes them, and `backgroundTexts` float32 [B, fields of texts, W]: what each text of them adds
 * model.onnx   `numeric` float32 [n, F] (raw units, NaN = missing; scaling is inside the graph), `categorical` int32 [n, C]
 *              (index into the field's vocabulary, 0 = unknown)
 *   engagement, revenue → `prediction`, `lower`, `upper` float32 [n, T]: counts and shares, with an 80 % conformal interval whose width fits
 *              the row; of engagement, where counts of the source `early` are known, as after the first day
 *   virality   → `probability` float32 [n, T]: calibrated; to exceed what is usual for the creator, and, in newer artifacts, a threshold;
 *              1 where the early count exceeds that threshold already
 */
export const tabularFiles = { features: 'features.json' } as const

/** `[terms, width]` float32, of models that read texts: see `TextEncoder`. */
export const textArray = 'texts'

/** Names of the arrays of the background; older artifacts have none. */
export const backgroundArrays = {
  numeric: 'backgroundNumeric',
  categorical: 'backgroundCategorical',
  texts: 'backgroundTexts',
} as const

/**
 * Where serving finds a field: the store (a field of the feature service), the draft, the early counts of a published content, or what its
 * `texts` make of the draft's words.
 */
const fieldSource = z.enum(['store', 'draft', 'early', 'text'])

/** Texts of a draft; tags are joined by `|`. */
export const textFields = ['title', 'description', 'tags'] as const

export const tabularFeaturesSchema = z.strictObject({
  /** In the order of the columns of `numeric`. */
  numeric: z.array(
    z.strictObject({ name: z.string(), source: fieldSource, unit: z.string(), description: z.string() }),
  ),
  /** In the order of the columns of `categorical`; `vocabulary[0]` is the unknown value. */
  categorical: z.array(
    z.strictObject({
      name: z.string(),
      source: fieldSource,
      description: z.string(),
      vocabulary: z.array(z.string()).min(1),
    }),
  ),
  /** The terms behind the fields of the source `text`, whose table is the array `texts` `[terms, width]`; null where no text is read. */
  texts: z
    .strictObject({
      fields: z.array(z.enum(textFields)).min(1),
      /** Of each field. */
      terms: z.array(z.array(z.string())),
      /** Of all terms, one field after the other. */
      idf: z.array(z.number()),
    })
    .nullable()
    .default(null),
  /** In the order of the columns of the outputs. */
  targets: z
    .array(
      z.strictObject({
        name: z.string(),
        unit: z.string(),
        description: z.string(),
        /** Of the probability that a count exceeds it. */
        threshold: z.number().optional(),
        /** Share of the contents of the past of which that came true, where it is a probability; none in older artifacts. */
        baseRate: z.number().positive().max(1).optional(),
      }),
    )
    .min(1),
  /** What the model foretells, in words, where that needs a definition: what counts as viral, or as lost. */
  definition: z.string(),
})
export type TabularFeatures = z.infer<typeof tabularFeaturesSchema>
