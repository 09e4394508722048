import { setImmediate as nextTurn } from 'node:timers/promises'
import { featureService } from '../../features/definitions/index.ts'
import type { Draft } from '../../features/transforms/draft-features.ts'
import type { Tensors } from '../../models/scorer.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { LoadedModel, TabularPayload } from '../runtime/loaded-model.ts'
import { completeDraft, type DraftWorld, type GivenDraft } from './draft.ts'
import { inputTensors, type TabularExamples, type TabularInputs, tabularInputs } from './tabular-inputs.ts'

const draftsPerTurn = 128

/** A model that reads drafts and the features of their creators. */
export type TabularModel = LoadedModel<'engagement' | 'virality' | 'revenue'>

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
  const outputs = await model.scorer.score(inputTensors(await inputsInTurns(model.payload, examples)))
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

/** Reading the texts of a thousand drafts takes a while: others get their turn. */
async function inputsInTurns(payload: TabularPayload, examples: TabularExamples): Promise<TabularInputs> {
  const { drafts, creators, creatorRow, early } = examples
  if (drafts.length <= draftsPerTurn) return tabularInputs(payload, examples)
  const numeric = new Float32Array(drafts.length * payload.numeric.length)
  const categorical = new Int32Array(drafts.length * payload.categorical.length)
  for (let from = 0; from < drafts.length; from += draftsPerTurn) {
    if (from > 0) await nextTurn()
    const to = from + draftsPerTurn
    const part = tabularInputs(payload, {
      drafts: drafts.slice(from, to),
      creators,
      creatorRow: creatorRow.subarray(from, to),
      early: early.slice(from, to),
    })
    numeric.set(part.numeric, from * payload.numeric.length)
    categorical.set(part.categorical, from * payload.categorical.length)
  }
  return { rowCount: drafts.length, numeric, categorical }
}

const open = ['platform', 'category', 'language'] as const

const unknownFields = ({ payload }: TabularModel, draft: Draft): string[] =>
  open.filter((name) => {
    const column = payload.categorical.findIndex((field) => field.source === 'draft' && field.name === name)
    return column >= 0 && draft[name] !== '' && !payload.vocabularyIndex[column]!.has(draft[name])
  })
