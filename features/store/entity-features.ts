import { hashOf } from '../definitions/define-view.ts'
import type { EntityName, FeatureService } from '../definitions/feature-view.ts'
import { featureViews } from '../definitions/index.ts'
import type { OnlineStore } from './online-store.ts'

export interface EntityFeatures {
  /** `ok`; `missing`: no row, so defaults; `stale`: older than its ttl, so defaults. */
  readonly status: 'ok' | 'missing' | 'stale'
  readonly values: Readonly<Record<string, number | string>>
}

/** The online features of one entity, by view and name, as a model would get them now. */
export async function entityFeatures(
  store: OnlineStore,
  entity: EntityName,
  id: string,
  now: number,
): Promise<Readonly<Record<string, EntityFeatures>>> {
  const result: Record<string, EntityFeatures> = {}
  for (const view of featureViews.filter((one) => one.entity === entity)) {
    const fields = view.fields.map((field) => ({ view, field }))
    const service: FeatureService = { name: view.name, description: '', fields, schemaHash: hashOf([view.schemaHash]) }
    const matrix = await store.features(service, { [entity]: [id] }, now)
    let numeric = 0
    let categorical = 0
    const values = view.fields.map((field) => [
      field.name,
      field.dtype === 'float32' ? matrix.numeric[numeric++]! : matrix.categorical[categorical++]![0]!,
    ])
    result[view.name] = {
      status: matrix.stale > 0 ? 'stale' : matrix.missing > 0 ? 'missing' : 'ok',
      values: Object.fromEntries(values),
    }
  }
  return result
}
