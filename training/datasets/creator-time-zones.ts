import type { MartSource } from '../../features/sources/mart-source.ts'
import { countryTimeZone } from '../../features/transforms/country-clock.ts'

/** Countries of creators; portable. */
export const creatorCountriesSql = `select creator_id, platform, country from dim_creator where country is not null order by 1, 2`

/** Stands for a time zone that nobody knows. */
export const unknownTimeZone = 'UTC'

/** Of a creator on a platform, as keys of maps. */
export const creatorKey = (creatorId: string, platform: string): string => JSON.stringify([creatorId, platform])

/** The country of each creator where it is known, by `creatorKey`. */
export async function creatorCountries(source: MartSource): Promise<Map<string, string>> {
  const countries = new Map<string, string>()
  const columns = { creator_id: 'string', platform: 'string', country: 'string' } as const
  for await (const { rowCount, columns: c } of source.read(creatorCountriesSql, columns)) {
    for (let i = 0; i < rowCount; i++) countries.set(creatorKey(c.creator_id[i]!, c.platform[i]!), c.country[i]!)
  }
  return countries
}

/** The time zone of each creator, by `creatorKey`, where the country tells: dim_creator knows no more. */
export async function creatorTimeZones(source: MartSource): Promise<Map<string, string>> {
  const zones = new Map<string, string>()
  for (const [creator, country] of await creatorCountries(source)) {
    const zone = countryTimeZone(country)
    if (zone !== undefined) zones.set(creator, zone)
  }
  return zones
}
