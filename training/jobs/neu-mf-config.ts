import { z } from 'zod'
import { neuMfOptionsSchema } from '../networks/neu-mf-options.ts'

/** Options of `contentflow train neu-mf`, each with its range and default; defaults were chosen on ml-100k's validation part. */
export const neuMfConfigSchema = z.object({
  effort: z
    .enum(['auto', 'quick', 'full'])
    .default('auto')
    .describe(
      'quick: only the GMF part, few epochs and negatives, as the demo wants; full: as set; auto: quick on synthetic data only',
    ),
  variant: z.enum(['gmf', 'mlp', 'neu-mf']).default('neu-mf').describe('which parts the network has'),
  ...neuMfOptionsSchema.shape,
  refit: z
    .boolean()
    .default(true)
    .describe('train again with the validation part, for the best number of epochs; costs as much as the search'),
  split: z
    .enum(['leave-last', 'time'])
    .default('leave-last')
    .describe("each user's last item, or the last tenth of time"),
  minRating: z.number().optional().describe('ratings below do not count as liking; all count when absent'),
  minInteractions: z.number().int().min(1).default(1).describe('users with fewer are left out'),
  knnNeighbours: z.number().int().min(1).max(1000).default(20).describe('neighbours of the item-kNN baseline'),
  popularityHalfLifeDays: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('age at which an interaction counts half in popularity; null counts all alike'),
  judgedUsers: z.number().int().min(10).default(10_000).describe('most users that metrics are computed on'),
})

export type NeuMfConfig = z.infer<typeof neuMfConfigSchema>

/**
 * What `effort: quick` makes of a configuration: seconds instead of minutes, for data whose metrics say nothing anyway.
 *
 * NeuMF is cut down to its GMF part, at a third of the cost, and negatives heed time, as the sample world's catalogue grows from day
 * to day. NDCG@10 on the validation part of the small one, seed 1: .0818 (item-kNN .0778; with the perceptron .0759 at twice the rate;
 * without heed of time .0055 less, at that rate too).
 */
export const quickConfig = (config: NeuMfConfig): NeuMfConfig => ({
  ...config,
  variant: config.variant === 'neu-mf' ? 'gmf' : config.variant,
  timeAwareNegatives: true,
  epochs: Math.min(config.epochs, 6),
  negatives: Math.min(config.negatives, 6),
  batchSize: Math.min(config.batchSize, 256),
  l2: Math.max(config.l2, 0.06),
  averaging: Math.min(config.averaging, 0.6),
  patience: Math.min(config.patience, 2),
})
