import type { SqlDialect } from '../sources/mart-source.ts'

export type EntityName = 'user' | 'content' | 'creator'

/** One feature. A `category` is a string with an open vocabulary; everything else is a float32. */
export type FeatureField =
  | {
      readonly name: string
      readonly dtype: 'float32'
      readonly unit: string
      readonly description: string
      readonly default: number
    }
  | {
      readonly name: string
      readonly dtype: 'category'
      readonly unit: string
      readonly description: string
      readonly default: string
    }

/**
 * A group of features of one entity, computed together as of a moment.
 *
 * `sql(dialect)` is one portable SELECT with `$1` = the moment; it must read only rows strictly before it, and returns
 * `entity_id` and then the fields in order.
 */
export interface FeatureView {
  readonly name: string
  readonly entity: EntityName
  readonly description: string
  readonly owner: string
  /** Age at which a stored row no longer counts, seconds; then reads give the defaults and count as stale. */
  readonly ttlSeconds: number
  readonly fields: readonly FeatureField[]
  readonly sql: (dialect: SqlDialect) => string
}

/** The ordered list of features that one model uses. Its hash is written into the model's manifest and checked when serving loads it. */
export interface FeatureService {
  readonly name: string
  readonly description: string
  readonly fields: readonly { readonly view: FeatureView; readonly field: FeatureField }[]
  /** Changes with any field's name, order, dtype, unit, default or view SQL; hex. */
  readonly schemaHash: string
}
