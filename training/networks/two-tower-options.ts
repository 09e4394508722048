import { z } from 'zod'

/** Options of the two towers and their training; defaults were chosen on the validation parts of ml1m_sequences and ml-100k. */
export const twoTowerOptionsSchema = z.object({
  embeddingSize: z.number().int().min(4).max(512).multipleOf(4).default(64).describe('width of both towers’ vectors'),
  hiddenSize: z.number().int().min(4).max(2048).multipleOf(4).default(256).describe('hidden layer of the query tower'),
  windowLength: z.number().int().min(2).max(1024).default(128).describe('items back that the query tower sees'),
  contentSize: z
    .number()
    .int()
    .min(0)
    .max(512)
    .default(64)
    .describe('numbers that the content of an item is summed up in; 0 leaves content out'),
  idDropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe('share of items that a batch knows by their content alone, so that new items can be told apart'),
  dropout: z.number().min(0).lt(1).default(0.3).describe('share of the numbers left out at each place while it trains'),
  inBatchNegatives: z
    .number()
    .int()
    .min(0)
    .max(16_384)
    .default(512)
    .describe('targets of other people in the batch that a position is told apart from'),
  sampledNegatives: z
    .number()
    .int()
    .min(1)
    .max(16_384)
    .default(512)
    .describe('items drawn for each batch that all positions are told apart from'),
  fullSoftmaxItems: z
    .number()
    .int()
    .min(0)
    .max(16_384)
    .default(4096)
    .describe('catalogues up to this size need no sample: positions are told apart from all items'),
  batchWindows: z.number().int().min(1).max(1024).default(8).describe('windows per batch'),
  learningRate: z.number().positive().max(1).default(0.003).describe('of Adam, after the first 100 steps'),
  averaging: z
    .number()
    .min(0)
    .lt(1)
    .default(0.99)
    .describe('weight of the past in the running average of the weights, taken every 10 steps; 0: the last weights'),
  epochs: z.number().int().min(1).max(1000).default(12).describe('most epochs; fewer when validation stops improving'),
  patience: z.number().int().min(1).max(1000).default(3).describe('epochs without a better validation before it stops'),
  judgedUsers: z.number().int().min(1).default(3000).describe('users of the validation part that epochs are chosen by'),
})

export type TwoTowerOptions = z.infer<typeof twoTowerOptionsSchema>
