import { z } from 'zod'

/**
 * churn: who is lost, and in which week, from features of the store.
 *
 * features.json  what the network reads; see tabular.ts
 * churn.json     what the outputs are
 * model.onnx     `numeric` float32 [n, F], `categorical` int32 [n, C], as in tabular.ts
 *   → `hazard`      float32 [n, T]: chance to be lost in each week of someone who was not before; calibrated
 *   → `probability` float32 [n, H]: chance to be lost within each horizon, 1 − Π (1 − hazard) over its weeks
 */
export const churnFiles = { churn: 'churn.json' } as const

const probability = z.number().min(0).max(1)

export const churnSchema = z.strictObject({
  /** Horizons in the order of the columns of `probability`: days, and how many columns of `hazard` they take. */
  horizons: z.array(z.strictObject({ days: z.number().int().min(1), weeks: z.number().int().min(1) })).min(1),
  /** Days without an interaction after which a person is silent. */
  silentDays: z.number().int().min(1),
  /** Hazard of each week over everyone learned from, in the order of the columns of `hazard`: for people of whom nothing is known. */
  baseHazards: z.array(probability).min(1),
  /** Horizons that are not predicted, and why. */
  leftOut: z.array(z.strictObject({ days: z.number().int(), reason: z.string() })),
})
export type Churn = z.infer<typeof churnSchema>
