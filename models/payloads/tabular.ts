import { z } from 'zod'

/**
 * engagement and virality: one network over creator features (from the store) and draft features (from the request).
 *
 * model.onnx   `numeric` float32 [n, F] (raw units, NaN = missing; scaling is inside the graph), `categorical` int32 [n, C]
 *              (index into the field's vocabulary, 0 = unknown)
 *   engagement → `prediction`, `lower`, `upper` float32 [n, T]: counts, with an 80 % conformal interval
 *   virality   → `probability` float32 [n, 1]: calibrated
 */
export const tabularFiles = { features: 'features.json' } as const

/** Where serving finds a field: the store (a field of the feature service), the draft, or the early counts of a published content. */
const fieldSource = z.enum(['store', 'draft', 'early'])

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
  /** In the order of the columns of the outputs. */
  targets: z.array(z.strictObject({ name: z.string(), unit: z.string(), description: z.string() })).min(1),
  /** For virality: what counts as viral, in words. */
  definition: z.string(),
})
export type TabularFeatures = z.infer<typeof tabularFeaturesSchema>
