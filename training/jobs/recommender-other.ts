import { readArtifactJson, readManifest } from '../../models/artifact/read-artifact.ts'
import { paddedHistories, recommenderFiles, recommenderVocabularySchema } from '../../models/payloads/recommender.ts'
import type { Scorer, Tensors } from '../../models/scorer.ts'
import { topItems } from '../classical/top-items.ts'
import { historyOf, type Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { ndcg } from '../evaluation/ndcg.ts'

/**
 * NDCG@10 of another recommender's artifact on this run's held-out part: the same users, the same candidates, its own network.
 *
 * Ids it does not know rank lowest: an unknown item is never listed, an unknown user (to a network of histories: one of whose items it knows
 * none) gets an empty list and counts 0.
 *
 * @throws AppError ARTIFACT_INVALID when its vocabulary is unreadable
 */
export async function evaluateOtherRecommender(
  artifactDir: string,
  scorer: Scorer,
  fitted: Interactions,
  heldOut: HeldOut,
): Promise<number> {
  const vocabulary = await readArtifactJson(artifactDir, recommenderFiles.vocabulary, recommenderVocabularySchema)
  const manifest = await readManifest(artifactDir)
  const historyLength = manifest.inputs.find(({ name }) => name === 'history')?.shape[1]
  const itsUser = new Map(vocabulary.users.map((id, index) => [id, index]))
  const itsItem = new Map(vocabulary.items.map((id, index) => [id, index]))
  const known = fitted.items.flatMap((id, item) => (itsItem.has(id) ? [item] : []))
  if (known.length === 0) return 0
  const items = Int32Array.from(known, (item) => itsItem.get(fitted.items[item]!)!)

  /** The inputs that say who this is; undefined for somebody it knows nothing of. */
  const inputsOf = (user: number): Tensors | undefined => {
    const item = { shape: [items.length], data: items }
    const row = new Int32Array(items.length)
    if (historyLength === undefined) {
      const index = itsUser.get(fitted.users[user]!)
      return index === undefined ? undefined : { user: { shape: [items.length], data: row.fill(index) }, item }
    }
    const history = Array.from(historyOf(fitted, user), (own) => itsItem.get(fitted.items[own]!) ?? -1)
    const found = Int32Array.from(history.filter((own) => own >= 0))
    if (found.length === 0) return undefined
    const data = paddedHistories([found], historyLength)
    return { history: { shape: [1, historyLength], data }, row: { shape: [items.length], data: row }, item }
  }

  const scores = new Float32Array(fitted.items.length)
  let total = 0
  for (const [i, user] of heldOut.users.entries()) {
    const inputs = inputsOf(user)
    if (inputs === undefined) continue
    const { score } = await scorer.score(inputs)
    scores.fill(Number.NEGATIVE_INFINITY)
    for (const [position, item] of known.entries()) scores[item] = score!.data[position]!
    for (const item of historyOf(fitted, user)) scores[item] = Number.NEGATIVE_INFINITY
    total += ndcg(topItems(scores, 10), new Set(heldOut.items[i]), 10)
  }
  return total / heldOut.users.length
}
