import { featureService } from '../../features/definitions/index.ts'
import type { Draft } from '../../features/transforms/draft-features.ts'
import type { Tensors } from '../../models/scorer.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { LoadedModel } from '../runtime/loaded-model.ts'
import { completeDraft, type DraftWorld, type GivenDraft } from './draft.ts'
import { inputTensors, type TabularExamples, tabularInputs } from './tabular-inputs.ts'

/** A model that reads drafts and the features of their creators. */
export type TabularModel = LoadedModel<'engagement' | 'virality'>

/** What one run of the network made of n drafts. */
export interface ScoredDrafts {
  readonly examples: TabularExamples
  readonly outputs: Tensors
  /** `[n]` */
  readonly facts: readonly DraftFacts[]
}

/** What an answer says of its draft. */
export interface DraftFacts {
  readonly creatorId: string
  /** Fields with a value that the model has not learned: it counts as unknown there. */
  readonly unknownFields: readonly string[]
  readonly fallback: Fallback | null
}

/**
 * Scores n drafts in one run; the features of each creator are read once.
 *
 * @param given at least one
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function scoreDrafts(
  model: TabularModel,
  store: GuardedStore,
  given: readonly GivenDraft[],
  world: DraftWorld,
): Promise<ScoredDrafts> {
  const drafts = given.map((one) => completeDraft(one, world))
  const ids = [...new Set(drafts.map(({ creatorId }) => creatorId))]
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  const creatorRow = Int32Array.from(drafts, ({ creatorId }) => rowOf.get(creatorId)!)
  const service = featureService(model.name)
  const creators = await store.read((open) => open.features(service, { creator: ids }, world.now))
  const examples = { drafts, creators, creatorRow, early: given.map(({ early }) => early ?? {}) }
  const outputs = await model.scorer.score(inputTensors(tabularInputs(model.payload, examples)))
  const fallbackOf = (row: number): Fallback | null => {
    if (creators.missingRows[row] === 1) return fallback('unknown-creator')
    return creators.stale > 0 ? fallback('features-stale') : null
  }
  const facts = drafts.map((draft, i) => ({
    creatorId: draft.creatorId,
    unknownFields: unknownFields(model, draft),
    fallback: fallbackOf(creatorRow[i]!),
  }))
  return { examples, outputs, facts }
}

const open = ['platform', 'category', 'language'] as const

const unknownFields = ({ payload }: TabularModel, draft: Draft): string[] =>
  open.filter((name) => {
    const column = payload.categorical.findIndex((field) => field.source === 'draft' && field.name === name)
    return column >= 0 && draft[name] !== '' && !payload.vocabularyIndex[column]!.has(draft[name])
  })
