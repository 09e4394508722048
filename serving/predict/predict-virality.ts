import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { DraftWorld, GivenDraft } from './draft.ts'
import { type DraftFacts, type ScoredDrafts, scoreDrafts, type TabularModel } from './score-drafts.ts'

export interface DraftVirality extends DraftFacts {
  /** In [0, 1], calibrated. */
  readonly probability: number
}

/**
 * How likely drafts, or published contents with their first counts, go viral, in one run of the network.
 *
 * @param given their early counts are those that the model knows: see `requireEarlyFields`
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function predictVirality(
  model: TabularModel,
  store: GuardedStore,
  given: readonly GivenDraft[],
  world: DraftWorld,
): Promise<ScoredDrafts & { readonly drafts: readonly DraftVirality[] }> {
  const scored = await scoreDrafts(model, store, given, world)
  const { probability } = scored.outputs
  return { ...scored, drafts: scored.facts.map((facts, i) => ({ ...facts, probability: probability!.data[i]! })) }
}
