import { AppError } from '../../errors.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { countUpTo } from '../../features/transforms/count-up-to.ts'
import { dayOf } from './day-sql.ts'
import { sampleIds } from './sample-ids.ts'

/** How many days’ revenue of a creator is foretold. */
export const revenueHorizons = [7, 14, 28] as const
type RevenueHorizon = (typeof revenueHorizons)[number]
export type CreatorOutcome = `revenue_${RevenueHorizon}d`

const daySeconds = 86_400
/** A creator who earned nothing for so long is not asked about: `creator_revenue` has no row either. */
const earningDays = 90

/** Creators who earned something in the 90 days before, at Mondays, 00:00 UTC; ascending by Monday and then id. */
export interface CreatorWeeks {
  readonly rowCount: number
  readonly creatorId: readonly string[]
  /** The same as a number, to group by. */
  readonly creator: Int32Array
  /** Seconds since 1970. */
  readonly at: Float64Array
  /** US cents that all contents of the creator earn from that moment on; NaN where those days are not over. */
  readonly outcomes: ReadonlyMap<CreatorOutcome, Float64Array>
  /** US cents a day, the mean of the days before: of as many days, as far as the data reaches. */
  readonly meanBefore: (days: number) => Float64Array
}

/** What creators earned by advertising and sponsorship, day by day; portable. */
export const creatorRevenueSql = `select c.creator_id, ${dayOf('d.date')} as day,
  100 * cast(sum(coalesce(d.ad_revenue_usd, 0) + coalesce(d.sponsorship_usd, 0)) as double precision) as cents
from fct_content_daily d
join dim_content c on c.content_id = d.content_id
where c.creator_id is not null and (d.ad_revenue_usd > 0 or d.sponsorship_usd > 0)
group by c.creator_id, cast(d.date as date)
order by c.creator_id, cast(d.date as date)`

/** First and last day of which revenue is known; portable. */
export const revenueSpanSql = `select min(${dayOf('date')}) as first_day, max(${dayOf('date')}) as last_day
from fct_content_daily
where ad_revenue_usd is not null or sponsorship_usd is not null`

interface Earnings {
  readonly days: Int32Array
  /** Of `days` and all before; US cents. */
  readonly sums: Float64Array
}

/**
 * The revenue of creators at the last Mondays.
 *
 * @param most.creators a random sample of more
 * @param most.weeks    the last ones of more
 * @throws AppError DATA_INSUFFICIENT when nobody earned anything
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 */
export async function readCreatorWeeks(
  source: MartSource,
  most: { readonly creators: number; readonly weeks: number },
): Promise<CreatorWeeks> {
  const earnings = await readEarnings(source, most.creators)
  const [span] = await source.rows(revenueSpanSql)
  if (earnings.length === 0) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      'No content with a creator (dim_content.creator_id) has earned anything (fct_content_daily.ad_revenue_usd, sponsorship_usd); import revenue, or run `contentflow sample`.',
    )
  }
  return creatorWeeks(earnings, { firstDay: Number(span!.first_day), endDay: Number(span!.last_day) + 1 }, most.weeks)
}

type NamedEarnings = readonly (readonly [creatorId: string, its: Earnings])[]

function creatorWeeks(
  earnings: NamedEarnings,
  { firstDay, endDay }: { readonly firstDay: number; readonly endDay: number },
  mostWeeks: number,
): CreatorWeeks {
  const rows: { creator: number; monday: number }[] = []
  for (const monday of mondays(firstDay + 1, endDay).slice(-mostWeeks)) {
    earnings.forEach(([, its], creator) => {
      if (earned(its, monday - earningDays, monday) > 0) rows.push({ creator, monday })
    })
  }
  const of = (value: (its: Earnings, monday: number) => number): Float64Array =>
    Float64Array.from(rows, ({ creator, monday }) => value(earnings[creator]![1], monday))
  return {
    rowCount: rows.length,
    creatorId: rows.map(({ creator }) => earnings[creator]![0]),
    creator: Int32Array.from(rows, ({ creator }) => creator),
    at: Float64Array.from(rows, ({ monday }) => monday * daySeconds),
    outcomes: new Map(
      revenueHorizons.map((days) => [
        `revenue_${days}d`,
        of((its, monday) => (monday + days > endDay ? Number.NaN : earned(its, monday, monday + days))),
      ]),
    ),
    meanBefore: (days) => of((its, monday) => earned(its, monday - days, monday) / Math.min(days, monday - firstDay)),
  }
}

/** US cents of the days from `from` to before `until`. */
function earned({ days, sums }: Earnings, from: number, until: number): number {
  const upTo = (day: number): number => {
    const count = countUpTo(days, day)
    return count === 0 ? 0 : sums[count - 1]!
  }
  return upTo(until - 1) - upTo(from - 1)
}

/** Mondays from `first` to before `end`, days since 1970. */
function mondays(first: number, end: number): number[] {
  // Day 4 was the first one.
  const start = first + ((((4 - first) % 7) + 7) % 7)
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / 7)) }, (_, week) => start + 7 * week)
}

async function readEarnings(source: MartSource, most: number): Promise<NamedEarnings> {
  const all = new Map<string, { days: number[]; cents: number[] }>()
  const columns = { creator_id: 'string', day: 'float64', cents: 'float64' } as const
  for await (const batch of source.read(creatorRevenueSql, columns)) {
    for (let i = 0; i < batch.rowCount; i++) {
      const id = batch.columns.creator_id[i]!
      const its = all.get(id) ?? { days: [], cents: [] }
      all.set(id, its)
      its.days.push(batch.columns.day[i]!)
      its.cents.push(batch.columns.cents[i]!)
    }
  }
  return sampleIds([...all.keys()], most, 'creators').map((id) => {
    const { days, cents } = all.get(id)!
    let sum = 0
    return [id, { days: Int32Array.from(days), sums: Float64Array.from(cents, (its) => (sum += its)) }] as const
  })
}

/** The rows that `keep` wants, in the same order. */
export function weeksWith(weeks: CreatorWeeks, outcome: CreatorOutcome): CreatorWeeks {
  const known = weeks.outcomes.get(outcome)!
  const rows = Int32Array.from(known.keys()).filter((row) => !Number.isNaN(known[row]!))
  const numbers = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!)
  return {
    rowCount: rows.length,
    creatorId: Array.from(rows, (row) => weeks.creatorId[row]!),
    creator: Int32Array.from(rows, (row) => weeks.creator[row]!),
    at: numbers(weeks.at),
    outcomes: new Map([...weeks.outcomes].map(([name, values]) => [name, numbers(values)])),
    meanBefore: (days) => numbers(weeks.meanBefore(days)),
  }
}
