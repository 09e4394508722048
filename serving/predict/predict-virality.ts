import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { DraftWorld, GivenDraft } from './draft.ts'
import { type DraftFacts, type ScoredDrafts, scoreDrafts, type TabularModel } from './score-drafts.ts'

export interface DraftVirality extends DraftFacts {
  /** To exceed what is usual for the creator; in [0, 1], calibrated. */
  readonly probability: number
  /** To exceed a count that is the same for all; null where the model has not learned that. */
  readonly aboveThreshold: {
    readonly probability: number
    readonly threshold: number
    readonly definition: string
  } | null
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
  const { targets } = model.payload
  const { data } = scored.outputs.probability!
  const column = targets.findIndex(({ threshold }) => threshold !== undefined)
  const drafts = scored.facts.map((facts, i) => ({
    ...facts,
    probability: data[i * targets.length]!,
    aboveThreshold:
      column < 0
        ? null
        : {
            probability: data[i * targets.length + column]!,
            threshold: targets[column]!.threshold!,
            definition: targets[column]!.description,
          },
  }))
  return { ...scored, drafts }
}
