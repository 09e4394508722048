import { hourOfWeek, hoursPerWeek, utcOffset } from '../../features/transforms/local-clock.ts'
import type { HourTable } from './hour-posts.ts'
import { standardiseWeeks } from './standardise-weeks.ts'

/**
 * How many others of a creator's platform and category post, by hour of the week on the creator's clock: ln(1 + posts), standardised per
 * creator. What stands in it is known beforehand, unlike the posts of the very hour.
 *
 * @param rows posts that are counted: of the past
 * @returns `[creators·168]`; 0 where nobody else of the category posts
 */
export function crowding(table: HourTable, rows: Int32Array): Float64Array {
  const { creators, creator, hour } = table
  const groupOf = (c: number): string => JSON.stringify([creators[c]!.platform, creators[c]!.category])
  const ofGroup = new Map<string, Map<number, number>>()
  const own = new Float64Array(creators.length * hoursPerWeek)
  for (const row of rows) {
    const c = creator[row]!
    own[c * hoursPerWeek + hour[row]!]!++
    const counts = ofGroup.get(groupOf(c)) ?? new Map<number, number>()
    ofGroup.set(groupOf(c), counts)
    // Quarters of an hour: no clock differs from another by less.
    const quarter = Math.floor(table.at[row]! / 900)
    counts.set(quarter, (counts.get(quarter) ?? 0) + 1)
  }
  const weeks = new Map<string, Float64Array>()
  const everybody = (c: number): Float64Array => {
    const { timeZone } = creators[c]!
    const key = `${timeZone}\t${groupOf(c)}`
    const week = weeks.get(key) ?? weekOn(timeZone, ofGroup.get(groupOf(c)))
    weeks.set(key, week)
    return week
  }
  for (let c = 0; c < creators.length; c++) {
    const week = everybody(c)
    for (let h = 0; h < hoursPerWeek; h++) {
      const at = c * hoursPerWeek + h
      own[at] = Math.log1p(week[h]! - own[at]!)
    }
  }
  return standardiseWeeks(own)
}

/** Posts by hour of the week on the clock of a zone. @param counts by quarter of an hour since 1970 */
function weekOn(timeZone: string, counts: ReadonlyMap<number, number> = new Map()): Float64Array {
  const offset = utcOffset(timeZone)
  const week = new Float64Array(hoursPerWeek)
  for (const [quarter, count] of counts) {
    const seconds = quarter * 900
    week[hourOfWeek(seconds + offset(seconds))]! += count
  }
  return week
}
