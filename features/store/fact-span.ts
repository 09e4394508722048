import type { MartSource } from '../sources/mart-source.ts'

/** First and last day with an interaction or a daily count. Columns: first, last (days since 1970; NULL without facts). */
export const factSpanSql = `select cast(min(first_day) - cast('1970-01-01' as date) as integer) as first,
  cast(max(last_day) - cast('1970-01-01' as date) as integer) as last
from (
  select cast(min(occurred_at) as date) as first_day, cast(max(occurred_at) as date) as last_day from fct_interactions
  union all
  select cast(min(date) as date) as first_day, cast(max(date) as date) as last_day from fct_content_daily
) spans`

/**
 * The days, as numbers since 1970, that there are facts of.
 *
 * @returns undefined when there are none
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 */
export async function factSpan(
  source: MartSource,
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const [row] = await source.rows(factSpanSql)
  return row === undefined || row.first === null ? undefined : { first: Number(row.first), last: Number(row.last) }
}
