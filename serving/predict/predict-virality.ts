import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { DraftWorld, GivenDraft } from './draft.ts'
import { type DraftFacts, type ScoredDrafts, scoreDrafts, type TabularModel } from './score-drafts.ts'

export interface DraftVirality extends DraftFacts {
  /** To exceed what is usual for the creator; in [0, 1], calibrated. */
  readonly probability: number
  /** How many times as likely as any content of the past; null in models that were trained before that was kept. */
  readonly lift: number | null
  /** To exceed a count that is the same for all; null where the model has not learned that. */
  readonly aboveThreshold: {
    readonly probability: number
    readonly lift: number | null
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
  const answer = (i: number, target: number) => {
    const probability = data[i * targets.length + target]!
    const { baseRate } = targets[target]!
    return { probability, lift: baseRate === undefined ? null : probability / baseRate }
  }
  const drafts = scored.facts.map((facts, i) => ({
    ...facts,
    ...answer(i, 0),
    aboveThreshold:
      column < 0
        ? null
        : {
            ...answer(i, column),
            threshold: targets[column]!.threshold!,
            definition: targets[column]!.description,
          },
  }))
  return { ...scored, drafts }
}
