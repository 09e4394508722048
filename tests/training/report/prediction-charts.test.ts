import { describe, expect, it } from 'vitest'
import { coverageByLevel, intervalsBySize } from '../../../training/evaluation/interval-quality.ts'
import { rmse } from '../../../training/evaluation/regression.ts'
import { judgeSlices, judgeWhole } from '../../../training/evaluation/slices.ts'
import { countTicks, factorStep, shareEnds } from '../../../training/report/chart-parts.ts'
import { chartSvg } from '../../../training/report/chart-svg.ts'
import { driversChart } from '../../../training/report/drivers-chart.ts'
import { effectChart, levelEffectChart } from '../../../training/report/effect-charts.ts'
import { coverageBySizeChart, coverageChart, widthBySizeChart } from '../../../training/report/interval-charts.ts'
import { calibrationOfMeans } from '../../../training/report/prediction-charts.ts'
import { reliabilityChart } from '../../../training/report/reliability-chart.ts'
import type { Chart } from '../../../training/report/report.ts'
import { sliceSections } from '../../../training/report/slice-sections.ts'

/** The words of a chart, as they stand in its SVG. */
const wordsOf = ({ option, title }: Chart): string[] =>
  [...chartSvg(option, title, { width: 400 }).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!)

describe('charts of predictions', () => {
  it('reliability: counts the groups that differ by more than chance', () => {
    const probability = Float64Array.from({ length: 1000 }, (_, i) => (i < 500 ? 0.2 : 0.6))
    const actual = Float64Array.from(probability, (_, i) => (i < 500 ? Number(i % 5 === 0) : Number(i % 10 === 0)))
    const chart = reliabilityChart({
      title: 'now',
      event: 'left',
      probability,
      actual,
      baseline: { name: 'constant', probability: new Float64Array(1000).fill(0.15) },
    })
    expect(chart.caption).toContain('1 of 2 dots are outside of it')
    // (0 + .5)/2; the constant is the base rate
    expect(chart.caption).toContain('Calibration error 0.250; constant 0.000')
    expect(wordsOf(chart)).toContain('share that left')
  })

  it('means: says how far off all predictions are', () => {
    const actual = Float64Array.from({ length: 100 }, (_, i) => i / 10)
    const chart = calibrationOfMeans(
      actual,
      actual.map((value) => value + Math.log(1.5)),
    )
    expect(chart.caption).toContain('All in all predictions are 50 % too high')
    expect(wordsOf(chart)).toEqual(expect.arrayContaining(['1', '10', '100', '1K', '10K']))
  })

  it('intervals: names the level that is furthest off, the groups that are missed, and the widths', () => {
    const residuals = Float64Array.from({ length: 199 }, (_, i) => i - 99)
    const past = { prediction: new Float64Array(199), actual: residuals }
    const later = { prediction: new Float64Array(199), actual: residuals.map((value) => 2 * value) }
    expect(coverageChart(coverageByLevel(past, later, [0.5, 0.8])).caption).toContain(
      'The largest gap is at 80 %, where 40.7 % lie within',
    )
    const prediction = Float64Array.from({ length: 400 }, (_, i) => i / 40)
    const groups = intervalsBySize(
      { prediction, actual: prediction.map((value, i) => (i < 100 ? value + 3 : value)) },
      prediction.map((value) => value - 1),
      prediction.map((value) => value + 1),
      0.8,
      4,
    )
    // The first is never covered, the others always.
    expect(coverageBySizeChart(groups, 0.8).caption).toContain('4 of 4 groups differ')
    expect(widthBySizeChart(groups, 0.8).caption).toContain('span a factor of 7.4')
  })
})

describe('charts of what drives predictions', () => {
  it('drivers: tells what shuffling the first costs and how many cost nothing', () => {
    const chart = driversChart({
      metric: 'RMSE',
      higherIsBetter: false,
      value: 0.86,
      rowCount: 2000,
      groups: [
        { label: 'typical result', without: 1.31, harm: { value: 0.45, low: 0.4, high: 0.5 } },
        { label: 'duration', without: 0.85, harm: { value: -0.01, low: -0.02, high: 0 } },
      ],
    })
    expect(chart).toMatchObject({
      caption: expect.stringContaining('Shuffling “typical result” raises the RMSE from 0.860 to 1.310'),
    })
    expect(chart).toMatchObject({ caption: expect.stringContaining('1 of the 2 groups') })
  })

  const effects = (positions: number[], effect: number[]) => ({
    positions,
    effect,
    low: effect.map((value) => value - 0.1),
    high: effect.map((value) => value + 0.1),
    rows: positions.map(() => 10),
  })

  it('effects: logarithms are labelled by what they are of', () => {
    const logs = [9, 99, 999].map(Math.log1p)
    const chart = effectChart(
      {
        group: 'audience',
        description: 'views so far',
        unit: 'ln views',
        effects: effects(logs, [-Math.LN2, 0, Math.LN2]),
      },
      'factor',
    )
    expect(chart.caption).toBe('Views so far. From 9 to 999 views the prediction rises by a factor of 4.')
    expect(wordsOf(chart)).toEqual(expect.arrayContaining(['10', '100', '×1', '×1.5', 'views']))
  })
  it('effects: ratios are not counts, and long tails are drawn on a logarithmic axis', () => {
    const ratio = effectChart(
      {
        group: 'trend',
        description: 'trend',
        unit: 'ln ratio',
        effects: effects([-Math.LN2, 0, Math.LN2], [0.1, 0, -0.1]),
      },
      'points',
    )
    expect(ratio.caption).toContain('From 0.5 to 2 times the prediction falls by 20 percentage points')
    const tail = effectChart(
      { group: 'days', description: 'days', unit: 'days', effects: effects([0, 1, 2, 365], [0, 0, 0, 0]) },
      'points',
    )
    expect(wordsOf(tail)).toEqual(expect.arrayContaining(['0', '1', '10', '100']))
  })
  it('levels: names the highest and the lowest that has rows', () => {
    const chart = levelEffectChart(
      'Hour',
      'hour',
      { ...effects([0, 1, 2], [0.9, 0.2, -0.1]), rows: [0, 5, 5] },
      'points',
    )
    expect(chart.caption).toContain('Highest at 1, lowest at 2')
    expect(chart.caption).toContain('by 30 percentage points')
    expect(chart.caption).toContain('without test examples are left empty')
  })
})

describe('sliceSections', () => {
  const sliceOf = Array.from({ length: 90 }, (_, i) => (i < 45 ? 'a <b>' : 'c'))
  const examples = {
    actual: sliceOf.map((_, i) => i),
    model: sliceOf.map((name, i) => i + (name === 'c' ? 2 : 1)),
    baseline: sliceOf.map((_, i) => i + 1.5),
  }
  const input = {
    metric: 'RMSE',
    higherIsBetter: false,
    baseline: 'ridge',
    whole: judgeWhole(examples, rmse, 1),
    bias: { unit: 'points', format: (bias: number) => bias.toFixed(1) },
  }

  it('shows each slice beside the baseline, and names where the model is behind', () => {
    const sections = sliceSections({ ...input, sliced: judgeSlices([{ name: 'Letter', sliceOf }], examples, rmse, 1) })
    expect(sections[0]).toMatchObject({ caption: expect.stringContaining('Worst: Letter c, RMSE 2') })
    expect(sections[0]).toMatchObject({ caption: expect.stringContaining('behind ridge in 1 of 2 slices (Letter c)') })
    expect(sections[1]).toMatchObject({
      rows: [
        ['All', 'all', 90, expect.anything(), 1.5, expect.objectContaining({ text: '1.5' })],
        ['Letter', 'a <b>', 45, expect.anything(), 1.5, expect.objectContaining({ text: '1.0' })],
        ['', 'c', 45, expect.objectContaining({ text: '2' }), 1.5, expect.objectContaining({ text: '2.0' })],
      ],
    })
  })
  it('is nothing where nothing divides the examples', () => {
    expect(sliceSections({ ...input, sliced: [] })).toEqual([])
  })
})

describe('ticks', () => {
  it.each([
    [0, 30, 1, [0, 1, 2, 5, 10, 20]],
    [3, 5e6, 1, [10, 100, 1e3, 1e4, 1e5, 1e6]],
    [0.3, 4, 0.01, [0.5, 1, 2]],
  ])('of counts from %d to %d', (least, most, smallest, ticks) => {
    expect(countTicks(least, most, smallest)).toEqual(ticks)
  })
  it('of factors make steps that a person knows', () => {
    expect(factorStep(Math.log(0.5), Math.log(2))).toBe(1.5)
    expect(factorStep(Math.log(0.01), Math.log(100))).toBe(10)
  })
  it('of shares end at multiples of 5 %', () => {
    expect(shareEnds([0.31, 0.52])).toEqual({ min: 0.3, max: 0.55 })
    expect(shareEnds([0, 1])).toEqual({ min: 0, max: 1 })
  })
})
