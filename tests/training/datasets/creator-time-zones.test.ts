import { describe, expect, it } from 'vitest'
import { countryTimeZone } from '../../../training/datasets/creator-time-zones.ts'

const at = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1000
const zoneOf = (country: string): string | undefined => countryTimeZone(country, at('2025-01-01'), at('2026-01-01'))
const july = (zone: string | undefined): string =>
  new Intl.DateTimeFormat('en', { timeZone: zone!, timeZoneName: 'longOffset' }).format(Date.UTC(2025, 6, 1))

describe('countryTimeZone', () => {
  it('of countries with one clock, whatever number of names it has', () => {
    expect(july(zoneOf('IN'))).toContain('GMT+05:30')
    expect(july(zoneOf('DE'))).toContain('GMT+02:00') // Berlin and Büsingen
    expect(zoneOf('GB')).toBe('Europe/London')
  })

  it('is not known where clocks differ', () => {
    expect(['BR', 'US', 'MX', 'ES', 'RU'].map(zoneOf)).toEqual(Array(5).fill(undefined))
  })

  it('is not known of what is no country', () => {
    expect(['', 'XX', 'in', 'IND', '日本', 'A"'].map(zoneOf)).toEqual(Array(6).fill(undefined))
  })

  it('depends on the span: provinces of Argentina went their own ways until 2009', () => {
    expect(countryTimeZone('AR', at('2020-01-01'), at('2025-01-01'))).toBeDefined()
    expect(countryTimeZone('AR', at('1999-01-01'), at('2009-12-01'))).toBeUndefined()
  })
})
