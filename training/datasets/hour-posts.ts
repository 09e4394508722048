import type { MartSource } from '../../features/sources/mart-source.ts'
import { hourOfWeek, hoursPerWeek } from '../estimators/hour-effects.ts'
import type { ContentOutcomes } from './contents.ts'
import type { OutcomeName } from './outcome-names.ts'

/** Contents as posts at an hour of the week, with their groups. */
export interface HourTable {
  readonly rowCount: number
  readonly at: Float64Array
  readonly hour: Int32Array
  /** ln(1 + outcome) */
  readonly outcome: Float64Array
  /** Index into `creators`. */
  readonly creator: Int32Array
  readonly creators: readonly { readonly creatorId: string; readonly platform: string; readonly category: string }[]
}

/** @param contents with known `outcome` only */
export function hourTable(contents: ContentOutcomes, outcome: OutcomeName): HourTable {
  const index = new Map<string, number>()
  const creators: { creatorId: string; platform: string; category: string }[] = []
  const creator = Int32Array.from({ length: contents.rowCount }, (_, i) => {
    const [creatorId, platform] = [contents.creatorId[i]!, contents.platform[i]!]
    const key = JSON.stringify([creatorId, platform])
    const known = index.get(key)
    if (known !== undefined) return known
    index.set(key, creators.length)
    // The category of the first content stands for the creator: later ones may lie in the test part.
    creators.push({ creatorId, platform, category: contents.category[i]! })
    return creators.length - 1
  })
  return {
    rowCount: contents.rowCount,
    at: contents.publishedAt,
    hour: Int32Array.from(contents.publishedAt, hourOfWeek),
    outcome: Float64Array.from(contents.outcomes.get(outcome)!, Math.log1p),
    creator,
    creators,
  }
}

/** Mean audience per creator, platform and hour of the week before a moment; portable. `% 168` counts from Thursday 00:00, as 1970 does. */
export const audienceHoursSql = `
select creator_id, platform,
  cast(floor(cast(extract(epoch from hour_at) as double precision) / 3600) as bigint) % ${hoursPerWeek} as hour,
  cast(avg(active_viewers) as double precision) as viewers
from fct_audience_hourly where hour_at < $1
group by creator_id, platform, cast(floor(cast(extract(epoch from hour_at) as double precision) / 3600) as bigint) % ${hoursPerWeek}
order by 1, 2, 3`

/**
 * How active each creator's audience is by hour of the week: ln(1 + viewers), mean 0 and standard deviation 1 per creator.
 *
 * @returns `[creators·168]`; 0 for a creator of whom nothing is known; undefined when nothing is known of anybody
 */
export async function audienceActivity(
  source: MartSource,
  creators: HourTable['creators'],
  before: number,
): Promise<Float64Array | undefined> {
  const index = new Map(creators.map(({ creatorId, platform }, i) => [JSON.stringify([creatorId, platform]), i]))
  const activity = new Float64Array(creators.length * hoursPerWeek)
  let found = 0
  const columns = { creator_id: 'string', platform: 'string', hour: 'float64', viewers: 'float64' } as const
  for await (const batch of source.read(audienceHoursSql, columns, [new Date(before * 1000)])) {
    const { creator_id, platform, hour, viewers } = batch.columns
    for (let i = 0; i < batch.rowCount; i++) {
      const creator = index.get(JSON.stringify([creator_id[i], platform[i]]))
      if (creator === undefined || Number.isNaN(viewers[i]!)) continue
      activity[creator * hoursPerWeek + ((hour[i]! + 72) % hoursPerWeek)] = Math.log1p(viewers[i]!)
      found++
    }
  }
  if (found === 0) return undefined
  for (let c = 0; c < creators.length; c++) {
    const own = activity.subarray(c * hoursPerWeek, (c + 1) * hoursPerWeek)
    const mean = own.reduce((sum, value) => sum + value, 0) / hoursPerWeek
    const sd = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / hoursPerWeek)
    for (let h = 0; h < hoursPerWeek; h++) own[h] = sd === 0 ? 0 : (own[h]! - mean) / sd
  }
  return activity
}
