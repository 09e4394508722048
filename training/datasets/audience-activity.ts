import type { MartSource } from '../../features/sources/mart-source.ts'
import { clockChanges, hoursPerWeek, utcOffset } from '../../features/transforms/local-clock.ts'
import type { HourCreator } from './hour-posts.ts'
import { standardiseWeeks } from './standardise-weeks.ts'

const hour = `cast(floor(cast(extract(epoch from hour_at) as double precision) / 3600) as bigint) % ${hoursPerWeek}`

/**
 * Audience per creator, platform and UTC hour of the week before a moment, for each period between changes of clocks; portable. The hours
 * count from Thursday 00:00, as 1970 does.
 *
 * @param changes moments at which some clock changes, seconds since 1970, UTC
 */
export function audienceHoursSql(changes: readonly number[]): string {
  const moment = (seconds: number): string =>
    `timestamp '${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}'`
  const passed = changes.map((change) => `case when hour_at >= ${moment(change)} then 1 else 0 end`)
  const period = passed.length === 0 ? '0' : passed.join(' + ')
  return `
select creator_id, platform, clock, hour,
  cast(sum(active_viewers) as double precision) as viewers, cast(count(active_viewers) as double precision) as hours
from (
  select creator_id, platform, ${period} as clock, ${hour} as hour, active_viewers
  from fct_audience_hourly where hour_at < $1
) as a
group by creator_id, platform, clock, hour
order by 1, 2, 3, 4`
}

/**
 * How active each creator's audience is by hour of the week on the creator's clock: ln(1 + mean viewers), standardised per creator.
 * In a zone of half hours, a UTC hour counts for the local hour in which its middle lies.
 *
 * @param from moment of the first post: clocks before it are taken as they were then
 * @returns `[creators·168]`; 0 for a creator of whom nothing is known; undefined when nothing is known of anybody
 */
export async function audienceActivity(
  source: MartSource,
  creators: readonly HourCreator[],
  { from, before }: { readonly from: number; readonly before: number },
): Promise<Float64Array | undefined> {
  const index = new Map(creators.map(({ creatorId, platform }, i) => [JSON.stringify([creatorId, platform]), i]))
  const zones = new Map([...new Set(creators.map(({ timeZone }) => timeZone))].map((zone) => [zone, utcOffset(zone)]))
  const changes = [...new Set([...zones.keys()].flatMap((zone) => clockChanges(zone, from, before)))].sort(
    (a, b) => a - b,
  )
  const periods = [from, ...changes]
  const viewers = new Float64Array(creators.length * hoursPerWeek)
  const hours = viewers.slice()
  const columns = {
    creator_id: 'string',
    platform: 'string',
    clock: 'int32',
    hour: 'float64',
    viewers: 'float64',
    hours: 'float64',
  } as const
  for await (const { rowCount, columns: c } of source.read(audienceHoursSql(changes), columns, [
    new Date(before * 1000),
  ])) {
    for (let i = 0; i < rowCount; i++) {
      const creator = index.get(JSON.stringify([c.creator_id[i], c.platform[i]]))
      if (creator === undefined || !(c.hours[i]! > 0)) continue
      const offset = zones.get(creators[creator]!.timeZone)!(periods[c.clock[i]!]!)
      const local = Math.floor(c.hour[i]! + 72 + 0.5 + offset / 3600 + hoursPerWeek) % hoursPerWeek
      viewers[creator * hoursPerWeek + local]! += c.viewers[i]!
      hours[creator * hoursPerWeek + local]! += c.hours[i]!
    }
  }
  if (!hours.some((count) => count > 0)) return undefined
  return standardiseWeeks(viewers.map((sum, at) => (hours[at] === 0 ? 0 : Math.log1p(sum / hours[at]!))))
}
