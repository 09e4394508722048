import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { DraftWorld, GivenDraft } from './draft.ts'
import { type DraftFacts, type ScoredDrafts, scoreDrafts, type TabularModel } from './score-drafts.ts'

/** One predicted count with its 80 % interval. */
export interface EngagementPrediction {
  readonly target: string
  readonly unit: string
  readonly value: number
  readonly lower: number
  readonly upper: number
}

/** What a draft will earn, by target; the first target is the headline. */
export interface DraftEngagement extends DraftFacts {
  readonly predictions: readonly EngagementPrediction[]
}

/**
 * What drafts will earn, in one run of the network.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function predictEngagement(
  model: TabularModel,
  store: GuardedStore,
  given: readonly GivenDraft[],
  world: DraftWorld,
): Promise<ScoredDrafts & { readonly drafts: readonly DraftEngagement[] }> {
  const scored = await scoreDrafts(model, store, given, world)
  const { targets } = model.payload
  const { prediction, lower, upper } = scored.outputs
  const drafts = scored.facts.map((facts, i) => ({
    ...facts,
    predictions: targets.map(({ name, unit }, t) => {
      const at = i * targets.length + t
      return { target: name, unit, value: prediction!.data[at]!, lower: lower!.data[at]!, upper: upper!.data[at]! }
    }),
  }))
  return { ...scored, drafts }
}
