import { z } from 'zod'

/**
 * segments: audience clusters.
 *
 * model.onnx   `numeric` float32 [n, F] (raw units; standardising and PCA are inside the graph) → `distance` float32 [n, k]
 */
export const segmentsFiles = { segments: 'segments.json' } as const

export const segmentsSchema = z.strictObject({
  segments: z
    .array(
      z.strictObject({
        id: z.string(),
        /** Named by what sets it apart, e.g. `evening binge viewers`. */
        name: z.string(),
        description: z.string(),
        users: z.number().int().min(0),
        share: z.number().min(0).max(1),
        /** The features that differ most from everyone's mean. */
        traits: z.array(
          z.strictObject({
            feature: z.string(),
            mean: z.number(),
            overall: z.number(),
            standardDeviations: z.number(),
          }),
        ),
      }),
    )
    .min(1),
  /** The feature service's float32 fields, in the order of the columns of `numeric`. */
  features: z.array(z.string()).min(1),
})
export type Segments = z.infer<typeof segmentsSchema>
