import { z } from 'zod'

/** Options of the sequential network and its training; defaults were chosen on the validation part of ml1m_sequences. */
export const sequentialOptionsSchema = z.object({
  embeddingSize: z
    .number()
    .int()
    .min(4)
    .max(512)
    .multipleOf(4)
    .default(64)
    .describe('width of item vectors and of the network'),
  blocks: z.number().int().min(1).max(8).default(2).describe('transformer blocks'),
  heads: z
    .number()
    .int()
    .min(1)
    .max(8)
    .default(2)
    .describe('attention heads; embeddingSize must be a multiple of twice as many'),
  windowLength: z.number().int().min(2).max(1024).default(128).describe('items back that the network sees'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.2)
    .describe('share of the numbers that are left out at each place while it trains'),
  negatives: z
    .number()
    .int()
    .min(1)
    .max(16_384)
    .nullable()
    .default(null)
    .describe(
      'items that all positions of a batch are told apart from; null: all items where there are at most 4,096, else 1,024 drawn for each batch',
    ),
  batchWindows: z.number().int().min(1).max(1024).default(16).describe('windows per batch'),
  learningRate: z.number().positive().max(1).default(0.002).describe('of Adam, after the first 100 steps'),
  averaging: z
    .number()
    .min(0)
    .lt(1)
    .default(0.99)
    .describe(
      'weight of the past in the running average of the weights, taken every 10 steps; 0 takes the last weights',
    ),
  epochs: z.number().int().min(1).max(1000).default(20).describe('most epochs; fewer when validation stops improving'),
  patience: z.number().int().min(1).max(1000).default(3).describe('epochs without a better validation before it stops'),
  judgedUsers: z.number().int().min(1).default(3000).describe('users of the validation part that epochs are chosen by'),
})

export type SequentialOptions = z.infer<typeof sequentialOptionsSchema>

/** How many items a position is told apart from: the option, but never more than there are. */
export const candidateCount = ({ negatives }: Pick<SequentialOptions, 'negatives'>, itemCount: number): number =>
  Math.min(negatives ?? (itemCount <= 4096 ? itemCount : 1024), itemCount)
