/**
 * Planted truth: hour-of-week rhythms by country.
 *
 * People are up in their own time zone: a small peak in the morning, one at lunch, a large one in the evening; at weekends all of it
 * comes later and is flatter. Early birds have the morning peak large, night owls the evening one. Each country has one fixed offset
 * from UTC: the sample world knows no summer time.
 */
export const countries = [
  { code: 'US', language: 'en', offsetHours: -5, share: 0.3 },
  { code: 'IN', language: 'hi', offsetHours: 5.5, share: 0.25 },
  { code: 'BR', language: 'pt', offsetHours: -3, share: 0.16 },
  { code: 'GB', language: 'en', offsetHours: 0, share: 0.1 },
  { code: 'DE', language: 'de', offsetHours: 1, share: 0.1 },
  { code: 'JP', language: 'ja', offsetHours: 9, share: 0.09 },
] as const

/** Sizes of the morning, lunch and evening peak. */
const chronotypes = [
  { name: 'early bird', share: 0.2, peaks: [1, 0.6, 0.5] },
  { name: 'ordinary', share: 0.55, peaks: [0.35, 0.5, 1] },
  { name: 'night owl', share: 0.25, peaks: [0.1, 0.3, 1.2] },
] as const

export const chronotypeShares: readonly number[] = chronotypes.map(({ share }) => share)

const peakHours = { weekday: [7.5, 12.5, 20.5], weekend: [10, 14, 21.5] } as const
const peakWidths = { weekday: [1.2, 1.2, 2], weekend: [1.8, 2, 2.6] } as const
const nightLevel = 0.04

/** Relative activity of a chronotype in each local hour of a weekday or a weekend day; `[24]`, sums to 1. */
function hourShares(chronotype: number, weekend: boolean): number[] {
  const kind = weekend ? 'weekend' : 'weekday'
  const { peaks } = chronotypes[chronotype]!
  const levels = Array.from({ length: 24 }, (_, hour) => {
    let level = nightLevel
    for (let p = 0; p < peaks.length; p++) {
      const away = Math.abs(hour + 0.5 - peakHours[kind][p]!)
      const hoursAway = Math.min(away, 24 - away)
      level += peaks[p]! * Math.exp(-0.5 * (hoursAway / peakWidths[kind][p]!) ** 2)
    }
    return level
  })
  const total = levels.reduce((sum, level) => sum + level, 0)
  return levels.map((level) => level / total)
}

/** Relative activity of a country's audience in each UTC hour of the week; `[168]`, Monday 00:00 UTC first, mean 1. */
export function countryWeek(offsetHours: number): number[] {
  const week = Array.from({ length: 168 }, (_, hourOfWeek) => {
    const local = (((hourOfWeek + offsetHours) % 168) + 168) % 168
    const weekend = Math.floor(local / 24) >= 5
    return chronotypes.reduce(
      (sum, { share }, index) => sum + share * hourShares(index, weekend)[Math.floor(local) % 24]!,
      0,
    )
  })
  const mean = week.reduce((sum, level) => sum + level, 0) / week.length
  return week.map((level) => level / mean)
}

const slots = 256

/** Tables `session_hours(chronotype, weekend, slot, local_hour)` and `country_week(country, hour_of_week, level)`. */
export function rhythmsSql(): string {
  const hourRows: string[] = []
  for (let chronotype = 0; chronotype < chronotypes.length; chronotype++) {
    for (const weekend of [false, true]) {
      const shares = hourShares(chronotype, weekend)
      let hour = 0
      let reached = shares[0]!
      for (let slot = 0; slot < slots; slot++) {
        while (hour < 23 && (slot + 0.5) / slots > reached) reached += shares[++hour]!
        hourRows.push(`(${chronotype}, ${weekend}, ${slot}, ${hour})`)
      }
    }
  }
  const weekRows = countries.flatMap(({ offsetHours }, country) =>
    countryWeek(offsetHours).map((level, hour) => `(${country}, ${hour}, ${level.toFixed(6)}::double)`),
  )
  return `
    create temp table session_hours as
      select chronotype::bigint as chronotype, weekend, slot::bigint as slot, local_hour::bigint as local_hour
      from (values ${hourRows.join(', ')}) v(chronotype, weekend, slot, local_hour);
    create temp table country_week as
      select country::bigint as country, hour_of_week::bigint as hour_of_week, level
      from (values ${weekRows.join(', ')}) v(country, hour_of_week, level);`
}

/** Slots per row of `session_hours`: a draw u picks slot ⌊256·u⌋. */
export const sessionHourSlots = slots

/** SQL for the country's offset from UTC, in seconds. */
export const offsetSeconds = (country: string): string =>
  `[${countries.map(({ offsetHours }) => offsetHours * 3600).join(', ')}][1 + ${country}]::bigint`

/** SQL for a country's code or language. */
export const countryField = (field: 'code' | 'language', country: string): string =>
  `[${countries.map((entry) => `'${entry[field]}'`).join(', ')}][1 + ${country}]`
