import { readArtifactJson } from '../../models/artifact/read-artifact.ts'
import { neuMfFiles, neuMfVocabularySchema } from '../../models/payloads/neu-mf.ts'
import type { Scorer } from '../../models/scorer.ts'
import { topItems } from '../classical/top-items.ts'
import { historyOf, type Interactions } from '../datasets/interactions.ts'
import type { HeldOut } from '../datasets/interactions-split.ts'
import { ndcg } from '../evaluation/ndcg.ts'

/**
 * NDCG@10 of another neu-mf artifact on this run's held-out part: the same users, the same candidates, its own network.
 *
 * Ids it does not know rank lowest: an unknown item is never listed, an unknown user gets an empty list and counts 0.
 *
 * @throws AppError ARTIFACT_INVALID when its vocabulary is unreadable
 */
export async function evaluateOtherNeuMf(
  artifactDir: string,
  scorer: Scorer,
  fitted: Interactions,
  heldOut: HeldOut,
): Promise<number> {
  const vocabulary = await readArtifactJson(artifactDir, neuMfFiles.vocabulary, neuMfVocabularySchema)
  const itsUser = new Map(vocabulary.users.map((id, index) => [id, index]))
  const itsItem = new Map(vocabulary.items.map((id, index) => [id, index]))
  const known = fitted.items.flatMap((id, item) => (itsItem.has(id) ? [item] : []))
  const items = Int32Array.from(known, (item) => itsItem.get(fitted.items[item]!)!)
  const scores = new Float32Array(fitted.items.length)
  let total = 0
  for (const [i, user] of heldOut.users.entries()) {
    const index = itsUser.get(fitted.users[user]!)
    if (index === undefined || known.length === 0) continue
    const result = await scorer.score({
      user: { shape: [items.length], data: new Int32Array(items.length).fill(index) },
      item: { shape: [items.length], data: items },
    })
    scores.fill(Number.NEGATIVE_INFINITY)
    for (const [position, item] of known.entries()) scores[item] = result.score!.data[position]!
    for (const item of historyOf(fitted, user)) scores[item] = Number.NEGATIVE_INFINITY
    total += ndcg(topItems(scores, 10), new Set(heldOut.items[i]), 10)
  }
  return total / heldOut.users.length
}
