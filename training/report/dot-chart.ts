import type { EChartsOption } from 'echarts'
import type { Estimate } from '../../models/artifact/manifest.ts'
import { whiskers } from './chart-parts.ts'
import { chartColour } from './chart-svg.ts'
import type { ReportSection } from './report.ts'

/** A line of a dot chart; one without an estimate is a heading over those that follow. */
export interface DotRow {
  readonly label: string
  readonly estimate?: Estimate
  /** Another value of the same unit to hold it against. */
  readonly beside?: number
}

export interface DotChart {
  readonly title: string
  readonly caption: string
  readonly axis: string
  readonly rows: readonly DotRow[]
  readonly dots: string
  /** What `beside` is of. */
  readonly beside?: string
  /** Where a dashed line stands, and what it is. */
  readonly line: { readonly name: string; readonly at: number }
  /** How a value of the axis is written; by default as a number. */
  readonly format?: (value: number) => string
}

/** Estimates with their intervals, one below the other. */
export const dotChart = (chart: DotChart): Extract<ReportSection, { kind: 'chart' }> => ({
  kind: 'chart',
  title: chart.title,
  caption: chart.caption,
  height: 92 + 25 * chart.rows.length,
  option: optionOf(chart, 270),
  narrow: optionOf(chart, 165),
})

function optionOf({ axis, rows, dots, beside, line, format }: DotChart, labels: number): EChartsOption {
  const at = rows.map((row, y) => ({ ...row, y }))
  const judged = at.flatMap(({ estimate, y }) => (estimate === undefined ? [] : [{ ...estimate, y }]))
  const legend = [
    { name: dots },
    ...(beside === undefined ? [] : [{ name: beside }]),
    { name: line.name, itemStyle: { opacity: 0 } },
  ]
  return {
    grid: { left: labels + 12, right: 20, top: 34, bottom: 54 },
    legend: { top: 0, left: 'center', itemWidth: 20, itemHeight: 10, data: legend, selectedMode: false },
    xAxis: {
      type: 'value',
      scale: true,
      name: axis,
      nameLocation: 'middle',
      nameGap: 32,
      axisLabel: { hideOverlap: true, ...(format && { formatter: format }) },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ label }) => label),
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: false },
      axisLabel: {
        interval: 0,
        width: labels,
        overflow: 'truncate',
        color: chartColour('ink'),
        formatter: (label: string, y: number) => (rows[y]!.estimate === undefined ? `{heading|${label}}` : label),
        rich: { heading: { fontWeight: 'bold', fontSize: 12.5 } },
      },
    },
    series: [
      whiskers(
        judged.flatMap(({ low, high, y }) => (low === null || high === null ? [] : [[low, high, y]])),
        'level',
        'series1',
        2.5,
      ),
      {
        name: dots,
        type: 'scatter',
        symbolSize: 9,
        itemStyle: { color: chartColour('series1'), opacity: 1 },
        data: judged.filter(({ value }) => Number.isFinite(value)).map(({ value, y }) => [value, y]),
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: chartColour('series2'), type: 'dashed', width: 1.5 },
          data: [{ xAxis: line.at }],
        },
      },
      {
        name: beside ?? '',
        type: 'scatter',
        symbol: 'diamond',
        symbolSize: 10,
        itemStyle: { color: 'transparent', borderColor: chartColour('series6'), borderWidth: 2 },
        data: at.flatMap(({ beside: value, y }) => (value === undefined || Number.isNaN(value) ? [] : [[value, y]])),
        z: 2,
      },
      // The legend's entry of the line.
      {
        name: line.name,
        type: 'line',
        symbol: 'none',
        lineStyle: { color: chartColour('series2'), type: 'dashed', width: 1.5 },
        itemStyle: { color: chartColour('series2') },
        data: [],
      },
    ],
  }
}
