import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { chartColour } from '../report/chart-svg.ts'
import type { ReportSection } from '../report/report.ts'

type ChartSection = Extract<ReportSection, { kind: 'chart' }>

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** @param lift of everyone by UTC hour of the week, `[168]` */
export function weekChart(lift: Float32Array): ChartSection {
  const cells = Array.from(lift, (value, hour) => [hour % 24, Math.floor(hour / 24), Number(value.toFixed(3))])
  const far = Math.max(0.02, ...Array.from(lift, (value) => Math.abs(value - 1)))
  return {
    kind: 'chart',
    title: 'Everyone’s week',
    caption: 'Expected engagement ÷ the creator’s own mean, by hour of the week (UTC), over all creators.',
    height: 330,
    option: {
      grid: { left: 64, right: 24, top: 12, bottom: 104 },
      xAxis: {
        type: 'category',
        name: 'hour of the day, UTC',
        nameLocation: 'middle',
        nameGap: 30,
        data: Array.from({ length: 24 }, (_, hour) => String(hour)),
      },
      yAxis: { type: 'category', inverse: true, data: weekdays },
      visualMap: {
        min: Number((1 - far).toFixed(3)),
        max: Number((1 + far).toFixed(3)),
        precision: 2,
        orient: 'horizontal',
        left: 'center',
        bottom: 6,
        itemHeight: 220,
        text: ['better', 'worse'],
        inRange: { color: ['#b35806', '#f1a340', '#d8d8de', '#67a9cf', '#2166ac'] },
        textStyle: { color: chartColour('muted') },
      },
      series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: 'transparent' } }],
    },
  }
}

/** What recommended hours were worth, with the placebo that should be worth nothing. */
export function liftChart({ model, baselines }: MetricRow): ChartSection {
  const rows = [['model', model] as const, ...Object.entries(baselines)]
  return {
    kind: 'chart',
    title: 'What the three best hours were worth',
    caption:
      'Later posts at the hours that each way recommended from the past, against the same creator’s other later posts; 95 % intervals over creators. The placebo (permuted hours) should hold 0.',
    height: 90 + 38 * rows.length,
    option: {
      grid: { left: 190, right: 28, top: 16, bottom: 54 },
      xAxis: {
        type: 'value',
        name: 'difference in engagement, %',
        nameLocation: 'middle',
        nameGap: 32,
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(([name]) => name),
        axisLine: { onZero: true },
        axisLabel: { margin: 12 },
        offset: 0,
      },
      series: [
        ...rows.flatMap(([name, estimate]) => interval(name, estimate)),
        {
          type: 'scatter',
          symbolSize: 11,
          itemStyle: { color: chartColour('series1') },
          data: rows.map(([name, { value }]) => [percent(value), name]),
        },
      ],
    },
  }
}

function interval(name: string, { low, high }: Estimate) {
  if (low === null || high === null) return []
  return [
    {
      type: 'line' as const,
      symbol: 'none',
      lineStyle: { color: chartColour('series1'), width: 3, opacity: 0.45 },
      data: [low, high].map((end) => [percent(end), name]),
    },
  ]
}

const percent = (share: number): number => Number((100 * share).toFixed(1))
