import type { MartSource } from '../../features/sources/mart-source.ts'
import { clockChanges, utcOffset } from '../../features/transforms/local-clock.ts'

/** Countries of creators; portable. */
export const creatorCountriesSql = `select creator_id, platform, country from dim_creator where country is not null order by 1, 2`

/** Stands for a time zone that nobody knows. */
export const unknownTimeZone = 'UTC'

/**
 * The time zone of each creator, by `[creatorId, platform]` as JSON, where the country tells: dim_creator knows no more.
 *
 * @param from moment of the first post, seconds since 1970, UTC, as is `to`, that of the last
 * @returns without creators whose country has several clocks (Brazil, the United States), or none that is known
 */
export async function creatorTimeZones(source: MartSource, from: number, to: number): Promise<Map<string, string>> {
  const zones = new Map<string, string>()
  const byCountry = new Map<string, string | undefined>()
  const columns = { creator_id: 'string', platform: 'string', country: 'string' } as const
  for await (const { rowCount, columns: c } of source.read(creatorCountriesSql, columns)) {
    for (let i = 0; i < rowCount; i++) {
      const country = c.country[i]!
      if (!byCountry.has(country)) byCountry.set(country, countryTimeZone(country, from, to))
      const zone = byCountry.get(country)
      if (zone !== undefined) zones.set(JSON.stringify([c.creator_id[i]!, c.platform[i]!]), zone)
    }
  }
  return zones
}

/**
 * The time zone of a country in which all clocks showed the same time in a span: Germany has two zones by name, and one clock.
 *
 * @param country ISO 3166-1 alpha-2
 * @returns undefined where clocks differed, or for a country that is none
 */
export function countryTimeZone(country: string, from: number, to: number): string | undefined {
  if (!/^[A-Z]{2}$/.test(country)) return undefined
  const [first, ...others] = zonesOf(country)
  if (first === undefined) return undefined
  const changes = clockChanges(first, from, to)
  const offset = utcOffset(first)
  const alike = others.every((zone) => {
    const its = clockChanges(zone, from, to)
    return utcOffset(zone)(from) === offset(from) && String(its) === String(changes)
  })
  return alike ? first : undefined
}

/** `Intl.Locale` tells them in a property or, by the later standard, in a method. */
function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    readonly timeZones?: readonly string[]
    getTimeZones?(): readonly string[] | undefined
  }
  return locale.getTimeZones?.() ?? locale.timeZones ?? []
}
