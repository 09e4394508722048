import { type UtcOffset, utcOffset } from './local-clock.ts'

/**
 * Countries whose clocks differ, and the zone in which most of their people live (capital or largest city; zones of the IANA database).
 * Within three hours of nearly everyone there, where UTC is off by up to twelve.
 */
export const zoneOfMostPeople: Readonly<Record<string, string>> = {
  AU: 'Australia/Sydney',
  BR: 'America/Sao_Paulo',
  CA: 'America/Toronto',
  CD: 'Africa/Kinshasa',
  CL: 'America/Santiago',
  CN: 'Asia/Shanghai',
  CY: 'Asia/Nicosia',
  EC: 'America/Guayaquil',
  ES: 'Europe/Madrid',
  FM: 'Pacific/Pohnpei',
  GL: 'America/Nuuk',
  ID: 'Asia/Jakarta',
  KI: 'Pacific/Tarawa',
  KZ: 'Asia/Almaty',
  MN: 'Asia/Ulaanbaatar',
  MX: 'America/Mexico_City',
  NZ: 'Pacific/Auckland',
  PF: 'Pacific/Tahiti',
  PG: 'Pacific/Port_Moresby',
  PT: 'Europe/Lisbon',
  RU: 'Europe/Moscow',
  UA: 'Europe/Kyiv',
  US: 'America/New_York',
}

/**
 * The time zone of a country: the only one, or the one in which most people live.
 *
 * @param country ISO 3166-1 alpha-2, or anything else for none
 * @returns undefined for what is no country
 */
export function countryTimeZone(country: string): string | undefined {
  if (!/^[A-Z]{2}$/.test(country)) return undefined
  return Object.hasOwn(zoneOfMostPeople, country) ? zoneOfMostPeople[country] : zonesOf(country)[0]
}

/** `Intl.Locale` tells them in a property or, by the later standard, in a method. */
function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    readonly timeZones?: readonly string[]
    getTimeZones?(): readonly string[] | undefined
  }
  return locale.getTimeZones?.() ?? locale.timeZones ?? []
}

const clocks = new Map<string, UtcOffset>()
const utc: UtcOffset = () => 0

/**
 * How far clocks in a country are ahead of UTC, by moment; 0 where the country is not known.
 *
 * @param country ISO 3166-1 alpha-2, or anything else for none
 */
export function countryClock(country: string): UtcOffset {
  const known = clocks.get(country)
  if (known !== undefined) return known
  const zone = countryTimeZone(country)
  if (zone === undefined) return utc
  const clock = utcOffset(zone)
  clocks.set(country, clock)
  return clock
}
