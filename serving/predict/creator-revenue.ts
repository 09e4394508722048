import { featureService } from '../../features/definitions/index.ts'
import { type Fallback, fallback } from '../recommend/fallback.ts'
import type { GuardedStore } from '../runtime/guarded-store.ts'
import type { LoadedModel } from '../runtime/loaded-model.ts'
import { type Explanation, explainRow } from './explain.ts'
import { inDollars, type RevenueInterval } from './predict-revenue.ts'
import { inputTensors, storeInputs } from './tabular-inputs.ts'

export interface CreatorRevenue {
  /** US dollars of all contents, the shortest horizon first; empty where there is nothing to go on. */
  readonly revenue: readonly RevenueInterval[]
  /** Of each of `revenue`, typical values in dollars; undefined where it was not asked for, or nothing was foretold. */
  readonly explanations: readonly Explanation[] | undefined
  readonly fallback: Fallback | null
}

const service = featureService('creator-revenue')
const numericFields = service.fields.filter(({ field }) => field.dtype === 'float32')
const earningContents = numericFields.findIndex(({ field }) => field.name === 'earning_contents_90d')

/**
 * What all contents of a creator will earn by advertising and sponsorship from now on; nothing, and why, for a creator who earned nothing
 * lately: the model has learned from creators who did.
 *
 * @throws AppError STORE_FAILED | FEATURES_CHANGED
 * @throws AppError CONFLICT when an explanation is asked of a model that was trained before there were any
 */
export async function creatorRevenue(
  model: LoadedModel<'creator-revenue'>,
  store: GuardedStore,
  creatorId: string,
  now: number,
  { explain }: { readonly explain: boolean },
): Promise<CreatorRevenue> {
  const features = await store.read((open) => open.features(service, { creator: [creatorId] }, now))
  const nothing = (why: Fallback): CreatorRevenue => ({ revenue: [], explanations: undefined, fallback: why })
  if (features.missingRows[0] === 1) return nothing(fallback('unknown-creator', 'Nothing is known of this creator.'))
  if (features.stale > 0) {
    return nothing(fallback('features-stale', 'What is known of this creator is too old: materialise features again.'))
  }
  if (features.numeric[earningContents] === 0) return nothing(fallback('nothing-earned'))
  const inputs = storeInputs(model.payload, features, Int32Array.of(0))
  const { prediction, lower, upper } = await model.scorer.score(inputTensors(inputs))
  const revenue = model.payload.targets.map(({ name }, t) =>
    inDollars({ target: name, value: prediction!.data[t]!, lower: lower!.data[t]!, upper: upper!.data[t]! }),
  )
  const explained = explain ? await explainRow(model, inputs, new Float32Array(0)) : undefined
  const order = [...revenue.keys()].sort((a, b) => revenue[a]!.horizonDays - revenue[b]!.horizonDays)
  return {
    revenue: order.map((t) => revenue[t]!),
    explanations: explained && order.map((t) => ({ ...explained[t]!, typical: explained[t]!.typical / 100 })),
    fallback: null,
  }
}
