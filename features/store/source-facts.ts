import { createHash } from 'node:crypto'
import type { MartSource } from '../sources/mart-source.ts'

/** What the warehouse holds, by day: enough to know which snapshots a change of it touches. */
export interface SourceFacts {
  /** First and last day (days since 1970) with an interaction or a daily count; undefined when there is none. */
  readonly span: { readonly first: number; readonly last: number } | undefined
  /** Fingerprint of everything before a day; it changes when rows are added, removed or restated there. */
  inputsBefore(day: number): string
}

/** Counts and sums per mart and day; a restated count changes its sum. */
export const factsSql = `select kind, cast(day - cast('1970-01-01' as date) as integer) as day,
  cast(rows_of_day as double precision) as row_count, cast(total as double precision) as total
from (
  select 'interactions' as kind, cast(occurred_at as date) as day, count(*) as rows_of_day,
    sum(coalesce(watch_seconds, 0) + coalesce(value, 0)) as total
  from fct_interactions group by cast(occurred_at as date)
  union all
  select 'daily' as kind, cast(date as date) as day, count(*) as rows_of_day,
    sum(coalesce(views, 0) + coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) as total
  from fct_content_daily group by cast(date as date)
  union all
  select 'contents' as kind, cast(published_at as date) as day, count(*) as rows_of_day, 0 as total
  from dim_content where published_at is not null group by cast(published_at as date)
  union all
  select 'subscribed' as kind, cast(started_at as date) as day, count(*) as rows_of_day, 0 as total
  from fct_subscriptions group by cast(started_at as date)
  union all
  select 'unsubscribed' as kind, cast(ended_at as date) as day, count(*) as rows_of_day, 0 as total
  from fct_subscriptions where ended_at is not null group by cast(ended_at as date)
) facts
order by day, kind`

/** @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED */
export async function sourceFacts(source: MartSource): Promise<SourceFacts> {
  const running = createHash('sha256')
  // prefix[i] fingerprints everything up to and with days[i].
  const days: number[] = []
  const prefix: string[] = []
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  const columns = { kind: 'string', day: 'int32', row_count: 'float64', total: 'float64' } as const
  for await (const { rowCount, columns: c } of source.read(factsSql, columns)) {
    for (let i = 0; i < rowCount; i++) {
      const kind = c.kind[i]!
      const day = c.day[i]!
      // Sums may differ in the last bits from run to run, as threads add in different orders.
      running.update(`${kind} ${day} ${c.row_count[i]} ${c.total[i]!.toPrecision(9)}\n`)
      if (days.at(-1) === day) days.pop()
      prefix.length = days.push(day) - 1
      prefix.push(running.copy().digest('hex').slice(0, 16))
      if (kind === 'interactions' || kind === 'daily') {
        first = Math.min(first, day)
        last = Math.max(last, day)
      }
    }
  }
  return {
    span: Number.isFinite(first) ? { first, last } : undefined,
    inputsBefore: (day) => prefix[days.findLastIndex((known) => known < day)] ?? 'nothing',
  }
}
