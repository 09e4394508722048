import { chartColour, chartSvg } from '../../../training/report/chart-svg.ts'
import { colourStyle } from '../../../training/report/style.ts'
import type { PartResult } from './part.ts'

type ChartOption = Parameters<typeof chartSvg>[0]

const colours = ['series1', 'series2', 'series3', 'series4', 'series5', 'series6'] as const

/** CPU seconds and memory against the number of interactions, a line for each part, as an SVG that stands alone. */
export function scaleSvg(results: readonly PartResult[]): string {
  const parts = [...new Set(results.map(({ part }) => part))]
  const lines = (side: 0 | 1, value: (result: PartResult) => number): object[] =>
    parts.map((part, i) => ({
      type: 'line',
      name: part,
      xAxisIndex: side,
      yAxisIndex: side,
      color: chartColour(colours[i % colours.length]!),
      data: results
        .filter((result) => result.part === part)
        .map((result) => [result.interactions / 1e6, value(result)]),
    }))
  const option: ChartOption = {
    legend: { top: 0 },
    grid: [
      { left: 60, right: '54%', top: 60, bottom: 50 },
      { left: '54%', right: 20, top: 60, bottom: 50 },
    ],
    xAxis: [0, 1].map((gridIndex) => ({
      type: 'value' as const,
      gridIndex,
      min: 0,
      name: 'million interactions',
      nameLocation: 'middle' as const,
      nameGap: 28,
    })),
    yAxis: ['CPU seconds', 'GB at most'].map((name, gridIndex) => ({
      type: 'value' as const,
      gridIndex,
      name,
      min: 0,
    })),
    series: [
      ...lines(0, ({ stages }) => Object.values(stages).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)),
      ...lines(1, ({ peakMb }) => peakMb / 1024),
    ] as NonNullable<ChartOption['series']>,
  }
  return chartSvg(option, 'CPU seconds and memory against the number of interactions', { height: 360 }).replace(
    '</title>',
    `</title><style>${colourStyle('svg')}</style>`,
  )
}
