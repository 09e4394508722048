import { createHash } from 'node:crypto'
import type { SqlDialect } from '../sources/mart-source.ts'
import type { FeatureField, FeatureView } from './feature-view.ts'

/** A view as its file writes it: everything but what follows from the query. */
export interface ViewDefinition extends Omit<FeatureView, 'sql' | 'sqlForDays' | 'schemaHash'> {
  /**
   * Common table expressions, comma-separated, that may read the marts and `moments (as_of date)`. The last one is `features` with the
   * columns `as_of`, `entity_id` and the fields; rows of day `as_of` and later must not change it.
   */
  readonly query: (dialect: SqlDialect) => string
}

/** Completes a view: the statement for one moment and the one for many are made from the same query, so they cannot differ. */
export function defineView({ query, ...view }: ViewDefinition): FeatureView {
  const columns = view.fields.map(column).join(',\n  ')
  const sql = (dialect: SqlDialect): string =>
    `with moments as (select cast(cast($1 as timestamp) as date) as as_of),\n${query(dialect)}\nselect entity_id,\n  ${columns}\nfrom features`
  return {
    ...view,
    sql,
    sqlForDays(dialect, days) {
      const moments = days.map((day) => `select cast('${isoDay(day)}' as date) as as_of`).join(' union all ')
      return `with moments as (${moments}),\n${query(dialect)}\nselect cast(as_of - cast('1970-01-01' as date) as integer) as as_of, entity_id,\n  ${columns}\nfrom features`
    },
    schemaHash: hashOf([view.name, view.entity, view.fields.map(identity), sql('duckdb'), sql('postgres')]),
  }
}

/** What of a field a stored value depends on; its description may be reworded freely. */
export const identity = ({ name, dtype, unit, default: value }: FeatureField): readonly unknown[] => [
  name,
  dtype,
  unit,
  value,
]

/** sha256 of the JSON text, hex; give arrays, not objects, so that the order is part of it. */
export const hashOf = (value: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex')

const column = ({ name, dtype }: FeatureField): string =>
  `cast(${name} as ${dtype === 'category' ? 'varchar' : 'double precision'}) as ${name}`

function isoDay(day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new TypeError(`expected a day YYYY-MM-DD, got ${JSON.stringify(day)}`)
  return day
}
