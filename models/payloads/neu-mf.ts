import { z } from 'zod'

/**
 * neu-mf: the ranking network and the neighbour lists that retrieve its candidates.
 *
 * model.onnx   `user` int32 [n], `item` int32 [n] → `score` float32 [n] (logit; higher is better); indices into the vocabulary
 * arrays       popularItems int32 [p] best first, popularScores float32 [p];
 *              similarItems int32 [items, k] (−1 pads), similarScores float32 [items, k]: item-kNN, best first;
 *              nextItems int32 [items, k] (−1 pads), nextScores float32 [items, k]: what follows, best first
 */
export const neuMfFiles = { vocabulary: 'vocabulary.json' } as const

export const neuMfVocabularySchema = z.strictObject({
  /** Index = row of the network's table. */
  users: z.array(z.string()),
  items: z.array(z.string()),
})
export type NeuMfVocabulary = z.infer<typeof neuMfVocabularySchema>
