import { describe, expect, it } from 'vitest'
import { clockChanges, hourOfWeek, isTimeZone, utcOffset } from '../../../features/transforms/local-clock.ts'

const at = (text: string): number => Date.parse(text) / 1000
const hours = (zone: string, text: string): number => utcOffset(zone)(at(text)) / 3600

describe('hourOfWeek', () => {
  it('counts from Monday 00:00, before 1970 too', () => {
    expect(hourOfWeek(at('2026-11-23T00:59:59Z'))).toBe(0)
    expect(hourOfWeek(at('2026-11-22T23:00:00Z'))).toBe(167)
    expect(hourOfWeek(at('1969-12-29T05:00:00Z'))).toBe(5)
  })
})

describe('utcOffset', () => {
  it('of half hours, of zones behind UTC, and of none', () => {
    expect(hours('Asia/Kolkata', '2026-07-01T00:00:00Z')).toBe(5.5)
    expect(hours('Asia/Kathmandu', '2026-07-01T00:00:00Z')).toBe(5.75)
    expect(hours('America/St_Johns', '2026-01-01T00:00:00Z')).toBe(-3.5)
    expect(hours('UTC', '2026-01-01T00:00:00Z')).toBe(0)
    expect(hours('Europe/London', '2026-01-01T00:00:00Z')).toBe(0)
  })

  it('changes to the second, whatever was asked before', () => {
    for (let twice = 0; twice < 2; twice++) {
      expect(hours('Europe/Berlin', '2026-03-29T00:59:59Z')).toBe(1)
      expect(hours('Europe/Berlin', '2026-03-29T01:00:00Z')).toBe(2)
      expect(hours('Europe/Berlin', '2026-03-28T12:00:00Z')).toBe(1)
      expect(hours('Europe/Berlin', '2026-10-25T00:59:59Z')).toBe(2)
      expect(hours('Europe/Berlin', '2026-10-25T01:00:00Z')).toBe(1)
    }
  })
})

describe('clockChanges', () => {
  it('finds them to the second: two a year in Berlin, none in India', () => {
    const [from, to] = [at('2026-01-01T07:00:00Z'), at('2027-01-01T00:00:00Z')]
    expect(clockChanges('Europe/Berlin', from, to)).toEqual([at('2026-03-29T01:00:00Z'), at('2026-10-25T01:00:00Z')])
    expect(clockChanges('Asia/Kolkata', from, to)).toEqual([])
  })
})

describe('isTimeZone', () => {
  it('knows the names of IANA alone', () => {
    expect(['Europe/Berlin', 'UTC', 'Asia/Kolkata'].map(isTimeZone)).toEqual([true, true, true])
    expect(['Mars/Olympus', '', 'Berlin', '__proto__'].map(isTimeZone)).toEqual([false, false, false, false])
  })
})
