import { z } from 'zod'

/** Options of NeuMF and its training, each with its range and default; defaults were chosen on the validation parts of ml-100k and ml-1m. */
export const neuMfOptionsSchema = z.object({
  gmfSize: z.number().int().min(1).max(512).default(32).describe('factors of the GMF part'),
  mlpSize: z.number().int().min(1).max(512).default(16).describe('embedding of each side of the MLP part'),
  hiddenSizes: z
    .array(z.number().int().min(1).max(1024))
    .min(1)
    .max(5)
    .default([32, 16])
    .describe('widths of the hidden layers; multiples of 8 are fastest'),
  loss: z
    .enum(['softmax', 'bce'])
    .default('softmax')
    .describe('sampled softmax over the group, or cross-entropy per pair'),
  negatives: z.number().int().min(1).max(256).default(12).describe('negatives drawn per positive'),
  recencyHalfLifeDays: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('age at which an interaction is learned from half as often as the newest one; null: all alike'),
  historyHalfLife: z
    .number()
    .positive()
    .nullable()
    .default(0.3)
    .describe(
      "share of a user's history behind its end at which an interaction is learned from half as often as the latest; null: all alike",
    ),
  timeAwareNegatives: z
    .boolean()
    .default(false)
    .describe('whether negatives are drawn only from items that someone had seen when the positive happened'),
  batchSize: z.number().int().min(1).max(65_536).default(512).describe('positives per batch'),
  learningRate: z.number().positive().max(1).default(0.003).describe('of Adam'),
  l2: z.number().min(0).max(10).default(0.02).describe('weight decay of embeddings, per pair'),
  averaging: z
    .number()
    .min(0)
    .lt(1)
    .default(0.85)
    .describe(
      'weight of the past in the running average of the weights, taken five times an epoch; 0 takes the last weights',
    ),
  preTrainingEpochs: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('epochs in which GMF and MLP are trained alone before NeuMF goes on from them (He et al. 2017); 0: none'),
  preTrainedRate: z
    .number()
    .positive()
    .max(1)
    .default(0.3)
    .describe('share of learningRate that is left after pre-training'),
  epochs: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(12)
    .describe('most epochs of the search; without a validation part just as many'),
  patience: z.number().int().min(1).max(1000).default(3).describe('epochs without a better validation before it stops'),
})

export type NeuMfOptions = z.infer<typeof neuMfOptionsSchema>
