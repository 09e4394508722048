import type { Mart, MartColumn, MartReference } from './mart.ts'
import { type RowCheck, rowChecks } from './row-checks.ts'

/** A portable statement whose result `marts check` reads. */
export interface CheckStatement {
  readonly name: string
  readonly sql: string
}

/** Rows, span and the number of rows that break each rule, in one pass. Columns: rows, first, last (seconds), broken_0 … */
export function rowStatement(
  mart: Mart,
  usable: ReadonlySet<string>,
): CheckStatement & { readonly checks: RowCheck[] } {
  const checks = rowChecks(mart).filter((check) => usable.has(check.column))
  const time = spanColumn(mart, usable)
  const edge = (edgeOf: 'min' | 'max'): string =>
    time === undefined
      ? 'cast(null as double precision)'
      : `cast(extract(epoch from ${edgeOf}(${time})) as double precision)`
  const counts = checks.map((check, index) => `sum(case when ${check.broken} then 1 else 0 end) as broken_${index}`)
  const columns = [`count(*) as n_rows`, `${edge('min')} as first_at`, `${edge('max')} as last_at`, ...counts]
  return { name: `${mart.name}: rows`, sql: `select ${columns.join(',\n  ')}\nfrom ${mart.name}`, checks }
}

/** Rows beyond the first of each key. Column: n. */
export const duplicateStatement = (mart: Mart): CheckStatement => ({
  name: `${mart.name}: duplicate keys`,
  sql: `select coalesce(sum(d.n_same - 1), 0) as n
from (select count(*) as n_same from ${mart.name} group by ${mart.key.join(', ')} having count(*) > 1) as d`,
})

/** Rows whose reference leads nowhere. Column: n. */
export const orphanStatement = (mart: Mart, column: MartColumn, reference: MartReference): CheckStatement => ({
  name: `${mart.name}: orphans of ${column.name}`,
  sql: `select count(*) as n
from ${mart.name} as c
  left join (select distinct ${reference.column} as id from ${reference.mart}) as r on r.id = c.${column.name}
where c.${column.name} is not null and r.id is null`,
})

/** Every statement that a check of complete marts runs. */
export function checkStatements(mart: Mart): CheckStatement[] {
  const all = new Set(mart.columns.map((column) => column.name))
  const orphans = mart.columns.flatMap((column) =>
    column.references === undefined ? [] : [orphanStatement(mart, column, column.references)],
  )
  return [rowStatement(mart, all), duplicateStatement(mart), ...orphans]
}

/** The time by which a mart's span is told: the first of its sort key, else its first time. */
function spanColumn(mart: Mart, usable: ReadonlySet<string>): string | undefined {
  const times = mart.columns.filter(
    (column) => usable.has(column.name) && (column.type === 'timestamp' || column.type === 'date'),
  )
  return (times.find((column) => mart.sortKey.includes(column.name)) ?? times[0])?.name
}
