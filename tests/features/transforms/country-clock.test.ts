import { describe, expect, it } from 'vitest'
import { countryClock, countryTimeZone, zoneOfMostPeople } from '../../../features/transforms/country-clock.ts'
import { utcOffset } from '../../../features/transforms/local-clock.ts'

const at = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1000
const july = (zone: string | undefined): string =>
  new Intl.DateTimeFormat('en', { timeZone: zone!, timeZoneName: 'longOffset' }).format(Date.UTC(2025, 6, 1))

describe('countryTimeZone', () => {
  it('of countries with one clock, whatever number of names it has', () => {
    expect(july(countryTimeZone('IN'))).toContain('GMT+05:30')
    expect(july(countryTimeZone('DE'))).toContain('GMT+02:00') // Berlin and Büsingen
    expect(countryTimeZone('GB')).toBe('Europe/London')
  })

  it('is that of most people where clocks differ', () => {
    expect(['BR', 'US', 'RU'].map(countryTimeZone)).toEqual(['America/Sao_Paulo', 'America/New_York', 'Europe/Moscow'])
  })

  it('is written down for every country whose clocks differ today', () => {
    const moments = [0, 3, 6, 9].map((month) => Date.UTC(2026, month) / 1000)
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
    const isCurrent = (country: string) => new Intl.Locale(`und-${country}`).region === country
    const countries = letters
      .flatMap((a) => letters.map((b) => a + b))
      .filter((country) => countryTimeZone(country) !== undefined && isCurrent(country))
    expect(countries.length).toBeGreaterThan(200)
    const clocks = (zone: string): string => String(moments.map((moment) => utcOffset(zone)(moment)))
    const differ = countries.filter((country) => {
      const zones = new Intl.Locale(`und-${country}`) as Intl.Locale & {
        timeZones?: string[]
        getTimeZones?(): string[]
      }
      return new Set((zones.getTimeZones?.() ?? zones.timeZones ?? []).map(clocks)).size > 1
    })
    const uninhabited = ['AQ', 'UM']
    expect(differ.filter((country) => !uninhabited.includes(country) && !(country in zoneOfMostPeople))).toEqual([])
  })

  it('is not known of what is no country', () => {
    expect(['', 'XX', 'in', 'IND', '日本', 'A"'].map(countryTimeZone)).toEqual(Array(6).fill(undefined))
  })
})

describe('countryClock', () => {
  it('follows the country’s clock with its summer time, and is UTC where there is none', () => {
    const summer = at('2026-07-01')
    expect(countryClock('DE')(summer)).toBe(7200)
    expect(countryClock('IN')(summer)).toBe(19_800)
    expect(countryClock('US')(summer)).toBe(-14_400)
    for (const country of ['ZZ', '', 'Germany']) expect(countryClock(country)(summer)).toBe(0)
  })

  it('finds a clock once', () => {
    const started = performance.now()
    for (let i = 0; i < 10_000; i++) for (const country of ['DE', 'US']) countryClock(country)
    // The first time takes some hundredths of a second for each.
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
