import { z } from 'zod'
import type { TrainingJob } from './job.ts'
import { trainOutcomes } from './outcome-regression.ts'
import { outcomeOptions } from './read-outcomes.ts'

const configSchema = z.strictObject({
  ...outcomeOptions,
  days: z
    .union([z.literal(7), z.literal(28)])
    .optional()
    .describe('days of the revenue that the gate judges; by default 28, or 7 where that is not known yet'),
})

export type RevenueConfig = z.infer<typeof configSchema>

/** Predicts what a planned content will earn in advertising and sponsorship. */
export const revenueJob: TrainingJob<RevenueConfig> = {
  name: 'revenue',
  description: 'Advertising and sponsorship revenue of a planned content, from its creator’s history and the draft.',
  config: configSchema,
  run: (context, { days, ...options }) =>
    trainOutcomes(context, options, {
      name: 'revenue',
      quantities: ['revenue'],
      early: false,
      headlines: days === undefined ? ['revenue_28d', 'revenue_7d'] : [`revenue_${days}d`],
    }),
}
