import { AppError } from '../../errors.ts'
import type { FeatureMatrix } from '../../features/definitions/feature-matrix.ts'
import { featureService } from '../../features/definitions/index.ts'
import type { Draft } from '../../features/transforms/draft-features.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { LoadedModel, TabularPayload } from '../runtime/loaded-model.ts'
import { tabularInputs } from './tabular-inputs.ts'

/** One predicted count with its 80 % interval. */
export interface EngagementPrediction {
  readonly target: string
  readonly unit: string
  readonly value: number
  readonly lower: number
  readonly upper: number
}

/**
 * What a draft will earn.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 */
export async function predictEngagement(
  model: LoadedModel<'engagement'>,
  store: GuardedStore,
  draft: Draft,
  now: number,
): Promise<{ readonly predictions: readonly EngagementPrediction[]; readonly fallback: Fallback | null }> {
  const features = await creatorFeatures('engagement', store, draft.creatorId, now)
  const inputs = tabularInputs(model.payload, featureService('engagement'), features, draft)
  const { prediction, lower, upper } = await model.scorer.score(inputs)
  const predictions = model.payload.targets.map(({ name, unit }, column) => ({
    target: name,
    unit,
    value: prediction!.data[column]!,
    lower: lower!.data[column]!,
    upper: upper!.data[column]!,
  }))
  return { predictions, fallback: creatorFallback(features) }
}

/**
 * How likely a draft, or a published content with its first counts, goes viral.
 *
 * @param early counts by the model's own names; see `earlyFields`
 * @returns `probability` in [0, 1], calibrated
 * @throws AppError INPUT_INVALID naming an early count that the model does not know | STORE_FAILED | FEATURES_CHANGED
 */
export async function predictVirality(
  model: LoadedModel<'virality'>,
  store: GuardedStore,
  draft: Draft,
  early: Readonly<Record<string, number>>,
  now: number,
): Promise<{ readonly probability: number; readonly fallback: Fallback | null }> {
  const known = earlyFields(model.payload)
  for (const name of Object.keys(early)) {
    if (known.includes(name)) continue
    const expected = known.length === 0 ? 'no early counts: this model uses none' : `one of ${known.join(', ')}`
    throw new AppError('INPUT_INVALID', `early.${name} is not known to the model; expected ${expected}.`, {
      details: { field: `early.${name}` },
    })
  }
  const features = await creatorFeatures('virality', store, draft.creatorId, now)
  const inputs = tabularInputs(model.payload, featureService('virality'), features, draft, early)
  const { probability } = await model.scorer.score(inputs)
  return { probability: probability!.data[0]!, fallback: creatorFallback(features) }
}

/** Names of the early counts that a model takes. */
export const earlyFields = (payload: TabularPayload): string[] =>
  payload.numeric.filter((field) => field.source === 'early').map((field) => field.name)

const creatorFeatures = (
  service: 'engagement' | 'virality',
  store: GuardedStore,
  creatorId: string,
  now: number,
): Promise<FeatureMatrix> => store.read((open) => open.features(featureService(service), { creator: [creatorId] }, now))

function creatorFallback({ missing, stale }: FeatureMatrix): Fallback | null {
  if (missing > 0) return fallback('unknown-creator')
  if (stale > 0) return fallback('features-stale')
  return null
}
