import type { EChartsOption } from 'echarts'
import { reliabilityCurve } from '../evaluation/reliability.ts'
import { chartColour } from './chart-svg.ts'
import type { ReportSection } from './report.ts'

type ChartSection = Extract<ReportSection, { kind: 'chart' }>

/** Room for axis names outside of the plot. */
const grid = { left: 76, right: 28, top: 36, bottom: 58 }

/** A value axis whose name stands in the middle and leaves its labels room. */
const axis = (name: string, vertical: boolean) => ({
  type: 'value' as const,
  name,
  nameLocation: 'middle' as const,
  nameGap: vertical ? 46 : 32,
  scale: true,
})

/** Most points drawn: more hide each other and make the page heavy. */
const mostPoints = 1200

/**
 * Predicted against actual counts in ln(1 + count), with the line on which both are equal.
 *
 * @param actual, predicted `[n]`; a regular sample is drawn when n is large
 */
export function predictedAgainstActual(target: string, actual: Float64Array, predicted: Float64Array): ChartSection {
  const every = Math.ceil(actual.length / mostPoints)
  const points = Array.from(actual, (value, i) => [round(predicted[i]!), round(value)]).filter(
    (_, i) => i % every === 0,
  )
  const all = points.flat()
  const ends = [Math.min(...all), Math.max(...all)]
  return {
    kind: 'chart',
    title: `Predicted and actual ${target}`,
    caption: `${points.length} of ${actual.length} test contents. On the line, prediction and outcome are equal.`,
    height: 400,
    option: {
      grid,
      xAxis: axis('predicted ln(1 + count)', false),
      yAxis: axis('actual ln(1 + count)', true),
      series: [
        { type: 'scatter', symbolSize: 5, itemStyle: { color: chartColour('series1'), opacity: 0.45 }, data: points },
        {
          type: 'line',
          symbol: 'none',
          lineStyle: { color: chartColour('series2'), width: 1.5 },
          data: ends.map((value) => [value, value]),
        },
      ],
    } as EChartsOption,
  }
}

/** Mean actual count in ten groups by predicted count: a model that is right on average stays on the line. */
export function calibrationOfMeans(target: string, actual: Float64Array, predicted: Float64Array): ChartSection {
  const points = reliabilityCurve(predicted, actual, 10).map((bin) => [
    round(bin.meanProbability),
    round(bin.observedRate),
  ])
  return {
    kind: 'chart',
    title: `Is it right on average? ${target}`,
    caption: 'Test contents in ten groups of equal size by their prediction: mean outcome of each group.',
    option: lineWithDiagonal(points, 'mean predicted ln(1 + count)', 'mean actual ln(1 + count)'),
  }
}

/**
 * Reliability curve of a classifier.
 *
 * @param words what the examples are, and what happened to the positive ones
 */
export function reliabilityChart(
  probability: ArrayLike<number>,
  actual: ArrayLike<number>,
  words: { readonly examples: string; readonly happened: string },
): ChartSection {
  const points = reliabilityCurve(probability, actual, 10).map((bin) => [
    round(bin.meanProbability),
    round(bin.observedRate),
  ])
  return {
    kind: 'chart',
    title: 'Does a probability mean what it says?',
    caption: `Test ${words.examples} in ten groups of equal size by predicted probability: how often each group ${words.happened}.`,
    option: lineWithDiagonal(points, 'mean predicted probability', `share that ${words.happened}`),
  }
}

function lineWithDiagonal(points: readonly (readonly number[])[], x: string, y: string): EChartsOption {
  const all = points.flat()
  const ends = [Math.min(...all), Math.max(...all)]
  return {
    grid,
    legend: { top: 0, data: ['model', 'equal'] },
    xAxis: axis(x, false),
    yAxis: axis(y, true),
    series: [
      {
        name: 'model',
        type: 'line',
        symbol: 'circle',
        symbolSize: 8,
        lineStyle: { color: chartColour('series1'), width: 2.5 },
        itemStyle: { color: chartColour('series1') },
        data: points.map((point) => [...point]),
      },
      {
        name: 'equal',
        type: 'line',
        symbol: 'none',
        lineStyle: { color: chartColour('series6'), type: 'dashed', width: 1.5 },
        itemStyle: { color: chartColour('series6') },
        data: ends.map((value) => [value, value]),
      },
    ],
  }
}

const round = (value: number): number => Number(value.toPrecision(5))
