import { schemaHashOf } from '../features/definitions/index.ts'
import type { CreatorCard } from '../features/store/online-store.ts'
import { openOnlineStore } from '../features/store/open-online-store.ts'
import { openRegistry } from '../models/registry/open-registry.ts'
import type { DraftWorld } from '../serving/predict/draft.ts'
import { GuardedStore } from '../serving/runtime/guarded-store.ts'
import { loadModel } from '../serving/runtime/load-model.ts'
import type { LoadedModel } from '../serving/runtime/loaded-model.ts'
import { openScorer } from '../serving/runtime/open-scorer.ts'
import type { CommandContext } from './command.ts'
import { findVersion } from './models.ts'

type PredictingModel = 'engagement' | 'virality' | 'revenue' | 'creator-revenue' | 'churn' | 'forecast' | 'posting-time'

/** What the service predicts with, opened by a command. */
export interface Predictor<M extends PredictingModel> {
  readonly model: LoadedModel<M>
  readonly store: GuardedStore
  readonly world: DraftWorld
  /** Whether the data came from the sample generator. */
  readonly synthetic: boolean
}

/**
 * Opens the champion of a model and the online store for the time of `use`.
 *
 * @throws AppError NOT_FOUND when no version is champion | ARTIFACT_INVALID | FEATURES_CHANGED | STORE_FAILED | REGISTRY_FAILED
 */
export async function withPredictor<M extends PredictingModel>(
  { config, log }: CommandContext,
  name: M,
  use: (predictor: Predictor<M>) => Promise<void>,
): Promise<void> {
  const registry = await openRegistry(config, log)
  const store = new GuardedStore(() => openOnlineStore(config, log), log)
  try {
    const { version, manifest } = await findVersion(registry, name, undefined)
    const dir = await registry.fetch(name, version)
    const model = (await loadModel(manifest, version, dir, {
      openScorer,
      schemaHash: schemaHashOf,
    })) as LoadedModel<M>
    try {
      const creatorsById = new Map<string, CreatorCard>()
      const synthetic = await store.read(async (open) => {
        for await (const card of open.creators())
          if (!creatorsById.has(card.creatorId)) creatorsById.set(card.creatorId, card)
        return open.isSynthetic()
      })
      await use({ model, store, world: { creatorsById, now: Date.now() / 1000 }, synthetic })
    } finally {
      await model.scorer.close()
    }
  } finally {
    await store.close()
    await registry.close()
  }
}
