import { z } from 'zod'

/** `training-set.json`: what an exported training set holds, so that its import can be held against the same rows. */
export const trainingSetFile = 'training-set.json'

export const trainingSetFactsSchema = z.strictObject({
  format: z.literal(1),
  /** ISO 8601, UTC: only events before it were read. */
  before: z.iso.datetime(),
  minRating: z.number().nullable(),
  minInteractions: z.number().int().min(1),
  rows: z.number().int(),
  users: z.number().int(),
  items: z.number().int(),
})

export type TrainingSetFacts = z.infer<typeof trainingSetFactsSchema>
