import { AppError } from '../../errors.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { TabularPayload } from '../runtime/loaded-model.ts'
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

/** Names of the early counts that a model takes. */
export const earlyFields = (payload: TabularPayload): string[] =>
  payload.numeric.filter((field) => field.source === 'early').map((field) => field.name)

/** @param at before the name in the error, such as `drafts.3.` @throws AppError INPUT_INVALID naming a count that the model does not know */
export function requireEarlyFields(payload: TabularPayload, { early = {} }: GivenDraft, at = ''): void {
  const known = earlyFields(payload)
  const odd = Object.keys(early).find((name) => !known.includes(name))
  if (odd === undefined) return
  const expected = known.length === 0 ? 'no early counts: this model uses none' : `one of ${known.join(', ')}`
  throw new AppError('INPUT_INVALID', `${at}early.${odd} is not known to the model; expected ${expected}.`, {
    details: { field: `${at}early.${odd}` },
  })
}
