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
  it('is a table for those with the same baselines', () => {
    const rows = [metricRow(0.5), { ...metricRow(0.25), baselines: {} }]
    const [first, second] = metricsText(rows).split('\n\n')
    expect(first).toContain('popularity')
    expect(second).toMatch(/model\n.*\n.* 0\.25 \[0\.24, 0\.26\]$/)
  })

  it('shows a baseline that a metric lacks as a dash', () => {
    const { baselines, ...row } = metricRow(0.5)
    const rows = [
      { ...row, baselines: { ...baselines, other: row.model } },
      { ...row, baselines },
    ]
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
