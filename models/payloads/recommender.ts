import { z } from 'zod'

/**
 * recommender: the ranking network of whichever family won, and the neighbour lists that retrieve its candidates.
 *
 * model.onnx   `score` float32 [n], higher is better, of n candidates `item` int32 [n]; indices into the vocabulary. Whom for, in one of two
 *              ways; the manifest's inputs say which:
 *              - `user` int32 [n]: a user it was trained on
 *              - `history` int32 [u, length], the latest items of u people, newest last, −1 pads at the front; `row` int32 [n]: whose candidate
 * arrays       popularItems int32 [p] best first, popularScores float32 [p];
 *              similarItems int32 [items, k] (−1 pads), similarScores float32 [items, k]: item-kNN, best first;
 *              nextItems int32 [items, k] (−1 pads), nextScores float32 [items, k]: what follows, best first
 */
export const recommenderFiles = { vocabulary: 'vocabulary.json' } as const

export const recommenderVocabularySchema = z.strictObject({
  /** Index = row of the network's table. */
  users: z.array(z.string()),
  items: z.array(z.string()),
})
export type RecommenderVocabulary = z.infer<typeof recommenderVocabularySchema>

/** `history` as the network takes it: of each the latest `length` items, newest last, −1 at the front where there are fewer. */
export function paddedHistories(histories: readonly Int32Array[], length: number): Int32Array {
  const rows = new Int32Array(histories.length * length).fill(-1)
  for (const [i, history] of histories.entries()) {
    const latest = history.subarray(Math.max(0, history.length - length))
    rows.set(latest, (i + 1) * length - latest.length)
  }
  return rows
}
