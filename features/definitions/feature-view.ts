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
 * Rows that a view's statement reads: what the store watches to know which snapshots a change of the warehouse touches.
 *
 * A row has a day, and can change the snapshots after that day only. Rows that a view reads beside others, by a join, belong to the
 * input of those, or a change of them would not be seen on the right days.
 */
export interface ViewInput {
  readonly name: string
  /** What follows `from`: marts, joins, and a `where` that leaves out the rows which the view leaves out at every moment. */
  readonly rows: string
  /** SQL date of a row; NULL for a row that can change nothing. */
  readonly day: string
  /** SQL of every value that the view takes from a row. */
  readonly columns: readonly string[]
}

/**
 * A group of features of one entity, computed together as of a moment.
 *
 * Features have the grain of a day: a moment sees the whole UTC days before its own, so nothing that happened on its day or later.
 * An entity without a row has the defaults: a view may leave out entities whose every field is at its default.
 */
export interface FeatureView {
  readonly name: string
  readonly entity: EntityName
  readonly description: string
  readonly owner: string
  /** Age at which a stored row no longer counts, seconds; then reads give the defaults and count as stale. */
  readonly ttlSeconds: number
  /** A snapshot is stored every so many days (and on the last day); 1 where values move from day to day. */
  readonly everyDays: number
  readonly fields: readonly FeatureField[]
  /** All that the statements below read of the marts. */
  readonly inputs: readonly ViewInput[]
  /**
   * One portable SELECT with `$1` = the moment: `entity_id`, then the fields in order. NULL where a value is unknown, which only a field
   * whose default is NaN or `''` expects.
   */
  readonly sql: (dialect: SqlDialect) => string
  /**
   * The same definition for many moments in one statement: `as_of` (days since 1970), `entity_id`, then the fields.
   *
   * @param days the moments, each the midnight (UTC) that begins the day `YYYY-MM-DD`; at least one
   */
  readonly sqlForDays: (dialect: SqlDialect, days: readonly string[]) => string
  /** Changes with the fields and the SQL; hex. Stored rows of another hash are never read. */
  readonly schemaHash: string
}

/** The ordered list of features that one model uses. Its hash is written into the model's manifest and checked when serving loads it. */
export interface FeatureService {
  readonly name: string
  readonly description: string
  readonly fields: readonly { readonly view: FeatureView; readonly field: FeatureField }[]
  /** Changes with any field's name, order, dtype, unit, default or view SQL; hex. */
  readonly schemaHash: string
}
