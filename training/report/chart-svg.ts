import { createHash } from 'node:crypto'
import { type EChartsOption, init } from 'echarts'
import { type ReportColour, reportColours } from './style.ts'

const width = 912

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
 * Draws a chart as one SVG element without scripts or fonts, with ids that no other chart has, 912 units wide and scaled by the page.
 *
 * @param height in the same units, 320 by default
 */
export function chartSvg(option: EChartsOption, height = 320): string {
  const chart = init(null, theme, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, ...option })
    return withOwnIds(inPageColours(chart.renderToSVGString({ useViewBox: true })))
  } finally {
    chart.dispose()
  }
}

function inPageColours(svg: string): string {
  let text = svg
    // Counters of the process: without them the same chart gives the same bytes.
    .replace(/zr\d+-/g, 'zr-')
    .replace(/<style\b[\s\S]*?<\/style>/g, '')
    .replace(/ (class|ecmeta_[a-z_]+)="[^"]*"/g, '')
  for (const name of Object.keys(standIns) as ReportColour[]) {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(standIns[name].slice(at, at + 2), 16))
    text = text.replaceAll(standIns[name], `var(--${name})`).replaceAll(`rgb(${r},${g},${b})`, `var(--${name})`)
  }
  return text
}

/** On one page, clips and gradients of different charts must not share names; those of the same chart keep theirs. */
function withOwnIds(svg: string): string {
  const hash = createHash('sha256').update(svg).digest('hex').slice(0, 8)
  return svg.replaceAll('zr-', `zr-${hash}-`)
}
