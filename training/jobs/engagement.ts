import { z } from 'zod'
import { horizons, quantities } from '../datasets/outcome-names.ts'
import type { TrainingJob } from './job.ts'
import { trainOutcomes } from './outcome-regression.ts'
import { outcomeOptions } from './read-outcomes.ts'

const outcomeNames = quantities.flatMap((quantity) => horizons.map((days) => `${quantity}_${days}d` as const))

const configSchema = z.strictObject({
  ...outcomeOptions,
  quantities: z
    .array(z.enum(quantities))
    .min(1)
    .default(['views', 'likes', 'comments', 'shares', 'saves', 'watch_hours', 'completion', 'click_rate'])
    .describe('what to predict, where known; of the headline’s quantity the whole curve'),
  headline: z
    .enum(outcomeNames)
    .optional()
    .describe('target that the gate judges; by default views_7d, or likes_7d where there are no views'),
})

export type EngagementConfig = z.infer<typeof configSchema>

/** Predicts what a content will earn in views, reactions and attention, before publication and after its first day. */
export const engagementJob: TrainingJob<EngagementConfig> = {
  name: 'engagement',
  description:
    'Views, reactions and watch time of a content, from its creator’s history and the draft, and after its first day from its first counts too.',
  config: configSchema,
  run: (context, { quantities: wanted, headline, ...options }) =>
    trainOutcomes(context, options, {
      name: 'engagement',
      quantities: wanted,
      early: true,
      headlines: headline === undefined ? ['views_7d', 'likes_7d', 'comments_7d', 'shares_7d'] : [headline],
    }),
}
