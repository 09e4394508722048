import { describe, expect, it } from 'vitest'
import { timeValue } from '../../../training/datasets/time-value.ts'

const noon = Date.UTC(2026, 6, 1, 12)

describe('timeValue', () => {
  it.each([
    ['978300760', 978300760],
    ['-1.5e3', -1500],
    ['2026-07-01', Date.UTC(2026, 6, 1)],
    ['2026-07-01T12:00', noon],
    ['2026-07-01 12:00:00.250', noon + 250],
    ['2026-07-01 12:00:00 UTC', noon],
    ['2026-07-01T12:00:00Z', noon],
    ['2026-07-01 14:00:00+02', noon],
    ['2026-07-01T14:00:00+0200', noon],
    ['2026-07-01T06:30:00-05:30', noon],
  ])('reads %s', (text, expected) => {
    expect(timeValue(text)).toBe(expected)
  })

  it.each(['', 'soon', 'soon 1', '01/02/2026', '2026-13-01', '12:00', 'Infinity'])('has no time for %j', (text) => {
    expect(timeValue(text)).toBeNaN()
  })
})
