import { describe, expect, it } from 'vitest'
import { chartColour, chartSvg } from '../../../training/report/chart-svg.ts'

describe('chartSvg', () => {
  const svg = chartSvg(
    {
      legend: {},
      xAxis: { type: 'value' },
      yAxis: { type: 'value', name: 'CPU seconds' },
      series: [{ type: 'line', name: 'ials', color: chartColour('series2'), data: [[1, 2]] }],
    },
    'Time & size',
  )

  it('is XML that stands alone: each tag has attributes of well-formed quotes', () => {
    const tags = svg.match(/<[^>]*>/g)!
    expect(tags.length).toBeGreaterThan(10)
    for (const tag of tags) expect(tag).toMatch(/^<(\/[\w]+|[\w]+(\s+[\w:-]+="[^"<]*")*\s*\/?)>$/)
  })

  it('says what it is', () => {
    expect(svg).toMatch(/^<svg[^>]* role="img"><title>Time &amp; size<\/title>/)
  })

  it('names its colours instead of fixing them', () => {
    expect(svg).toContain('var(--series2)')
  })

  it('shares no id with another chart of the page, and is the same twice', () => {
    const chart = (end: number): string =>
      chartSvg({ xAxis: { type: 'value' }, yAxis: {}, series: [{ type: 'line', data: [[1, end]] }] }, 'Line')
    const ids = (text: string): string[] => [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!)
    expect(ids(chart(2)).length).toBeGreaterThan(0)
    expect(ids(chart(2)).filter((id) => ids(chart(3)).includes(id))).toEqual([])
    expect(chart(2)).toBe(chart(2))
  })
})
