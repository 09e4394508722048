import { z } from 'zod'
import { timeSplitOptions } from '../datasets/time-split.ts'
import type { TabularModelInput } from '../networks/tabular-model.ts'

/** Options of the tabular network, of the trees beside it, and of their training. */
const networkOptions = {
  epochs: z.number().int().min(1).max(1000).default(40).describe('most passes over the training part'),
  patience: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(6)
    .describe('epochs without improvement after which training stops, at least 200 steps'),
  batchSize: z.number().int().min(8).max(65_536).default(256).describe('examples per step'),
  learningRate: z.number().positive().max(1).default(0.002).describe('of AdamW, after the first 100 steps'),
  weightDecay: z.number().min(0).max(10).default(0.3).describe('decoupled weight decay of AdamW'),
  averaging: z
    .number()
    .min(0)
    .lt(1)
    .default(0.98)
    .describe('weight of the past in the running average of the weights, taken every 10 steps; 0: the last weights'),
  dropout: z.number().min(0).max(0.9).default(0.2).describe('share of hidden units left out while training'),
  unknownRate: z.number().min(0).max(0.5).default(0.05).describe('share of categories made unknown while training'),
  hidden: z.number().int().min(4).max(1024).default(64).describe('width of both hidden layers'),
  bins: z.number().int().min(1).max(64).default(8).describe('most bins per numeric feature'),
  textDirections: z
    .number()
    .int()
    .min(0)
    .max(256)
    .default(16)
    .describe('directions of variance that texts are placed by, beside the value that their words foretell'),
  members: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('networks in one: they share most weights, and their outputs are averaged'),
  trees: z
    .number()
    .int()
    .min(0)
    .max(5000)
    .default(400)
    .describe('most boosted trees of each of two sequences beside the network; 0: the network alone'),
  treeLeaves: z.number().int().min(2).max(256).default(24).describe('most leaves of a tree'),
  treeRate: z.number().positive().max(1).default(0.07).describe('share of each tree’s answer that counts'),
  refit: z.boolean().default(true).describe('whether the final model is fitted on training and validation parts'),
}

/** Options that engagement and virality share: the split, the network and its training. */
export const tabularOptions = { ...timeSplitOptions, ...networkOptions }

const { textDirections: _, ...withoutTexts } = networkOptions
/** Options of a network whose table has no texts. */
export const textlessNetworkOptions = withoutTexts

export const tabularNetworkSchema = z.strictObject(networkOptions)
export type TabularNetworkConfig = z.infer<typeof tabularNetworkSchema>

/** Fewest steps that training is given to improve: on a small table some epochs are fewer than the warm-up. */
const patientSteps = 200

/**
 * What the model of a configuration is trained with.
 *
 * @param treedOutputs outputs that get trees beside the network, the first ones; by default all
 */
export const networkOf = (
  config: Omit<TabularNetworkConfig, 'textDirections'>,
  kind: TabularModelInput['kind'],
  trainRows: number,
  treedOutputs?: number,
): Pick<TabularModelInput, 'kind' | 'hidden' | 'members' | 'refit' | 'training' | 'trees'> => {
  // A small data set still gets some ten steps per epoch.
  const batchSize = Math.max(8, Math.min(config.batchSize, Math.ceil(trainRows / 10)))
  const stepsPerEpoch = Math.max(1, Math.ceil(trainRows / batchSize))
  return {
    kind,
    hidden: config.hidden,
    members: config.members,
    refit: config.refit,
    trees: {
      trees: config.trees,
      leaves: config.treeLeaves,
      rate: config.treeRate,
      ...(treedOutputs !== undefined && { outputs: treedOutputs }),
    },
    training: {
      ...config,
      batchSize,
      patience: Math.max(config.patience, Math.ceil(patientSteps / stepsPerEpoch)),
    },
  }
}
