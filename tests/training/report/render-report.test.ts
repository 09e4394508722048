import { describe, expect, it } from 'vitest'
import { formatNumber } from '../../../training/report/html.ts'
import { predictedAgainstActual } from '../../../training/report/prediction-charts.ts'
import { reliabilityChart } from '../../../training/report/reliability-chart.ts'
import { renderReport } from '../../../training/report/render-report.ts'
import type { RunReport } from '../../../training/report/report.ts'

const alone = (value: number) => ({ value, low: null, high: null })

const report: RunReport = {
  title: 'engagement <b>',
  subtitle: 'What & why',
  facts: [['Run', '"r1"']],
  synthetic: false,
  verdict: { passed: false, reason: 'RMSE 2 does not beat ridge.' },
  sections: [
    {
      kind: 'metrics',
      title: 'Metrics',
      rows: [
        {
          metric: 'RMSE',
          higherIsBetter: false,
          model: { value: 2, low: 1.9, high: 2.1 },
          baselines: { ridge: alone(1.5) },
        },
        { metric: 'AUC', higherIsBetter: true, model: alone(0.7), baselines: { 'creator rate': alone(0.6) } },
      ],
    },
    { kind: 'table', title: 'Table', header: ['Name', 'Count'], rows: [['<script>alert(1)</script>', 1234567]] },
    {
      kind: 'charts',
      title: 'Charts',
      note: 'What they show.',
      charts: [
        predictedAgainstActual(Float64Array.of(1, 2, 3), Float64Array.of(1, 2, 2.5)),
        reliabilityChart({
          title: 'Reliability',
          event: 'went viral',
          probability: [0.1, 0.2, 0.8, 0.9],
          actual: [0, 0, 1, 1],
          baseline: { name: 'logistic', probability: [0.5, 0.5, 0.5, 0.5] },
        }),
      ],
    },
  ],
}

describe('renderReport', () => {
  const html = renderReport(report)

  it('escapes every datum and loads nothing', () => {
    expect(html).toContain('engagement &lt;b&gt;')
    expect(html).toContain('&lt;script&gt;alert(1)')
    expect(html).not.toMatch(/<script|<link|<img|https?:\/\/(?!www\.w3\.org)/)
  })
  it('marks the best of each line, be it the model or a baseline', () => {
    const [rmse, auc] = [html.indexOf('>RMSE<'), html.indexOf('>AUC<')]
    const best = (from: number, to: number) => /class="[^"]*best[^"]*">([\d.]+)/.exec(html.slice(from, to))?.[1]
    expect(best(rmse, auc)).toBe('1.500')
    expect(best(auc, html.length)).toBe('0.700')
    expect(html).toContain('1.900 … 2.100')
  })
  it('puts metrics with other baselines into a table of their own', () => {
    const headsOf = (text: string) => text.match(/<table class="metrics"><thead>.*?<\/thead>/g)
    expect(headsOf(html)).toEqual([
      expect.stringMatching(/>Model<.*>ridge</),
      expect.stringMatching(/>Model<.*>creator rate</),
    ])
    expect(html).not.toContain('–</td>')
  })
  it('tells the verdict in words', () => {
    expect(html).toContain('Refused by the gate.')
    expect(renderReport({ ...report, verdict: { passed: true, reason: 'x' } })).toContain('Passed the gate.')
  })
  it('warns of synthetic data only where it is', () => {
    expect(html).not.toContain('Synthetic data')
    expect(renderReport({ ...report, synthetic: true })).toContain('they say nothing about quality')
  })
  it('gives the same bytes for the same report', () => {
    expect(renderReport(report)).toBe(html)
  })
  it('draws charts in the colours of the page', () => {
    expect(html).toContain('var(--series1)')
    expect(html).not.toMatch(/#a1b2c|rgb\(161,178,/)
  })
})

describe('formatNumber', () => {
  it.each([
    [0.12345, '0.123'],
    [1234567, '1.23M'],
    [42, '42'],
    [1234.5, '1,235'],
    [0.00123, '0.0012'],
    [Number.NaN, '–'],
  ])('%d is shown as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})
