import { AppError } from '../../errors.ts'
import { fctContentDaily } from '../marts/fct-content-daily.ts'
import { fctInteractions } from '../marts/fct-interactions.ts'
import type { Mart } from '../marts/mart.ts'
import { rowChecks } from '../marts/row-checks.ts'
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
 * @throws AppError MART_INVALID when a fact has an impossible time | WAREHOUSE_MISSING | WAREHOUSE_FAILED
 */
export async function factSpan(
  source: MartSource,
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  await refuseImpossible(source, fctInteractions, 'occurred_at')
  await refuseImpossible(source, fctContentDaily, 'date')
  const [row] = await source.rows(factSpanSql)
  return row === undefined || row.first === null ? undefined : { first: Number(row.first), last: Number(row.last) }
}

/** One fact of the year 9999 would move the last day, and with it all snapshots, to where nothing else is. */
async function refuseImpossible(source: MartSource, mart: Mart, column: string): Promise<void> {
  const { broken, reason } = rowChecks(mart).find((check) => check.column === column && check.problem === 'range')!
  const [row] = await source.rows(`select count(*) as n from ${mart.name} where ${broken}`)
  const rows = Number(row!.n)
  if (rows === 0) return
  throw new AppError(
    'MART_INVALID',
    `${mart.name}: ${reason}; ${rows} ${rows === 1 ? 'row is' : 'rows are'} not. Mend or delete them in the warehouse (\`contentflow marts check\` finds every such column).`,
    { details: { mart: mart.name, column, rows } },
  )
}
