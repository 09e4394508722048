import { createHash } from 'node:crypto'
import { type EChartsOption, init } from 'echarts'
import { escapeHtml } from './html.ts'
import { type ReportColour, reportColours } from './style.ts'

/** Widths that charts are drawn at, in pixels where the page has room: across it, and beside another or on a phone. */
export const chartWidths = { wide: 912, narrow: 400 } as const

export interface ChartSize {
  /** 912 by default. */
  readonly width?: number
  /** In the same units, 320 by default. */
  readonly height?: number
}

/**
 * Stand-ins for the page's colours: ECharts computes with real colours, so it draws with these and the finished SVG gets
 * `var(--name)` in their place, which follows the reader's light or dark mode.
 */
const standIns = Object.fromEntries(
  Object.keys(reportColours).map((name, i) => [name, `#a1b2${(0xc0 + i).toString(16)}`]),
) as Record<ReportColour, string>

/** A colour for a chart's option that is readable in both modes. */
export const chartColour = (name: ReportColour): string => standIns[name]

const axis = {
  axisLine: { lineStyle: { color: standIns.muted } },
  axisTick: { lineStyle: { color: standIns.muted } },
  axisLabel: { color: standIns.muted, fontSize: 12 },
  nameTextStyle: { color: standIns.ink, fontSize: 12.5 },
  splitLine: { lineStyle: { color: standIns.line } },
  splitArea: { show: false },
}

const theme = {
  color: (['series1', 'series2', 'series3', 'series4', 'series5', 'series6'] as const).map(chartColour),
  backgroundColor: 'transparent',
  textStyle: { fontFamily: 'system-ui, Segoe UI, Roboto, Arial, sans-serif', color: standIns.ink },
  categoryAxis: axis,
  valueAxis: axis,
  logAxis: axis,
  timeAxis: axis,
  legend: { textStyle: { color: standIns.ink, fontSize: 12.5 }, itemGap: 18 },
  visualMap: { textStyle: { color: standIns.muted } },
}

/**
 * Draws a chart as one SVG element without scripts or fonts, scaled by the page.
 *
 * @param title what a screen reader says instead
 */
export function chartSvg(
  option: EChartsOption,
  title: string,
  { width = chartWidths.wide, height = 320 }: ChartSize = {},
): string {
  const chart = init(null, theme, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, ...option })
    const svg = inPageColours(chart.renderToSVGString({ useViewBox: true }))
    return withOwnIds(svg).replace('>', ` role="img"><title>${escapeHtml(title)}</title>`)
  } finally {
    chart.dispose()
  }
}

/** Ids are the page's: those of two charts may not meet, or one is clipped by the other's frame. The same chart gives the same bytes. */
const withOwnIds = (svg: string): string =>
  svg.replaceAll('zr-', `c${createHash('sha256').update(svg).digest('hex').slice(0, 8)}-`)

function inPageColours(svg: string): string {
  let text = svg
    // Counters of the process.
    .replace(/zr\d+-/g, 'zr-')
    .replace(/<style\b[\s\S]*?<\/style>/g, '')
    .replace(/ (class|ecmeta_[a-z_]+)="[^"]*"/g, '')
  for (const name of Object.keys(standIns) as ReportColour[]) {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(standIns[name].slice(at, at + 2), 16))
    text = text.replaceAll(standIns[name], `var(--${name})`).replaceAll(`rgb(${r},${g},${b})`, `var(--${name})`)
  }
  return text
}
