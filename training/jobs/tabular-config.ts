import { z } from 'zod'
import { timeSplitOptions } from '../datasets/time-split.ts'

/** Options of the tabular network and its training. */
const networkOptions = {
  epochs: z.number().int().min(1).max(1000).default(40).describe('most passes over the training part'),
  patience: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe('epochs without improvement after which training stops'),
  batchSize: z.number().int().min(8).max(65_536).default(512).describe('examples per step'),
  learningRate: z.number().positive().max(1).default(0.001).describe('step size of AdamW in the first epoch'),
  weightDecay: z.number().min(0).max(10).default(0.1).describe('decoupled weight decay of AdamW'),
  dropout: z.number().min(0).max(0.9).default(0.25).describe('share of hidden units left out while training'),
  unknownRate: z.number().min(0).max(0.5).default(0.05).describe('share of categories made unknown while training'),
  hidden: z.number().int().min(4).max(1024).default(64).describe('width of both hidden layers'),
  bins: z.number().int().min(1).max(64).default(8).describe('most bins per numeric feature'),
  members: z.number().int().min(1).max(10).default(3).describe('networks whose outputs are averaged'),
  refit: z.boolean().default(true).describe('whether the final networks are fitted on training and validation parts'),
}

/** Options that engagement and virality share: the split, the network and its training. */
export const tabularOptions = { ...timeSplitOptions, ...networkOptions }

export const tabularNetworkSchema = z.strictObject(networkOptions)
export type TabularNetworkConfig = z.infer<typeof tabularNetworkSchema>

/** The part of a configuration that the fit of one network reads. */
export const fitOptions = (config: TabularNetworkConfig, kind: 'regression' | 'classification', trainRows: number) => ({
  kind,
  epochs: config.epochs,
  // A small data set still gets some ten steps per epoch.
  batchSize: Math.max(8, Math.min(config.batchSize, Math.ceil(trainRows / 10))),
  learningRate: config.learningRate,
  weightDecay: config.weightDecay,
  dropout: config.dropout,
  unknownRate: config.unknownRate,
  patience: config.patience,
})
