import { describe, expect, it } from 'vitest'
import { figure, metricsText } from '../../cli/metrics-text.ts'
import { textTable } from '../../cli/text-table.ts'
import { metricRow } from '../support/sample-artifact.ts'

describe('textTable', () => {
  it('sets numbers to the right and text, dates too, to the left', () => {
    const rows = [
      ['a', '1.5 [1, 2]', '2026-01-01 10:00'],
      ['long', '10', '2026-01-02 10:00'],
    ]
    expect(textTable(['name', 'n', 'at'], rows).split('\n')).toEqual([
      'name           n  at',
      '────  ──────────  ────────────────',
      'a     1.5 [1, 2]  2026-01-01 10:00',
      'long          10  2026-01-02 10:00',
    ])
  })

  it('is only a head without rows', () => {
    expect(textTable(['a', 'b'], [])).toBe('a  b\n─  ─')
  })
})

describe('metricsText', () => {
  it('shows a baseline that a metric lacks as a dash', () => {
    const rows = [metricRow(0.5), { ...metricRow(0.25), baselines: {} }]
    expect(metricsText(rows).split('\n').at(-1)).toMatch(/–$/)
  })
})

describe('figure', () => {
  it('keeps four digits, and an exponent only for extremes', () => {
    expect([0, 0.123456, 12345.6, 0.00001234, 3e12].map(figure)).toEqual([
      '0',
      '0.1235',
      '12350',
      '1.23e-5',
      '3.00e+12',
    ])
  })
})
