import { hourOfWeek, utcOffset } from '../../features/transforms/local-clock.ts'
import type { ContentOutcomes } from './contents.ts'
import { creatorKey, unknownTimeZone } from './creator-time-zones.ts'
import type { OutcomeName } from './outcome-names.ts'

/** A creator on one platform. */
export interface HourCreator {
  readonly creatorId: string
  readonly platform: string
  readonly category: string
  /** On whose clock the creator's hours are; UTC where it is not known. */
  readonly timeZone: string
}

/** Contents as posts at an hour of the week, with their groups; ascending by time. */
export interface HourTable {
  readonly rowCount: number
  /** Seconds since 1970, UTC. */
  readonly at: Float64Array
  /** Hour of the week on the creator's own clock; 0 = Monday 00:00. */
  readonly hour: Int32Array
  /** ln(1 + outcome) */
  readonly outcome: Float64Array
  /** Index into `creators`. */
  readonly creator: Int32Array
  readonly creators: readonly HourCreator[]
}

/**
 * @param contents with known `outcome` only
 * @param zones    of `creatorTimeZones`
 */
export function hourTable(
  contents: ContentOutcomes,
  outcome: OutcomeName,
  zones: ReadonlyMap<string, string>,
): HourTable {
  const index = new Map<string, number>()
  const creators: HourCreator[] = []
  const creator = Int32Array.from({ length: contents.rowCount }, (_, i) => {
    const [creatorId, platform] = [contents.creatorId[i]!, contents.platform[i]!]
    const key = creatorKey(creatorId, platform)
    const known = index.get(key)
    if (known !== undefined) return known
    index.set(key, creators.length)
    // The category of the first content stands for the creator: later ones may lie in the test part.
    const category = contents.category[i]!
    creators.push({ creatorId, platform, category, timeZone: zones.get(key) ?? unknownTimeZone })
    return creators.length - 1
  })
  return {
    rowCount: contents.rowCount,
    at: contents.publishedAt,
    hour: hoursOnClocks(contents.publishedAt, creator, creators),
    outcome: Float64Array.from(contents.outcomes.get(outcome)!, Math.log1p),
    creator,
    creators,
  }
}

/** Hour of the week of each post on its creator's clock; `[n]`. */
export function hoursOnClocks(
  at: Float64Array,
  creator: Int32Array,
  creators: readonly Pick<HourCreator, 'timeZone'>[],
): Int32Array {
  const offsets = new Map([...new Set(creators.map(({ timeZone }) => timeZone))].map((zone) => [zone, utcOffset(zone)]))
  return Int32Array.from(at, (seconds, i) => {
    const offset = offsets.get(creators[creator[i]!]!.timeZone)!
    return hourOfWeek(seconds + offset(seconds))
  })
}
