import { chartSvg, chartWidths } from './chart-svg.ts'
import { escapeHtml, formatNumber } from './html.ts'
import { metricsTables } from './metrics-tables.ts'
import type { Chart, ReportSection, RunReport, TableCell } from './report.ts'
import { reportStyle } from './style.ts'

/**
 * A run's report as one self-contained HTML page: style and SVG charts inline, no scripts, nothing loaded from elsewhere.
 * All text is escaped. The same report gives the same bytes.
 */
export function renderReport(report: RunReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(report.title)} · ContentFlow</title>
<style>${reportStyle}</style>
</head>
<body><main>
<header>
<h1>${escapeHtml(report.title)}</h1>
<p class="subtitle">${escapeHtml(report.subtitle)}</p>
${report.synthetic ? syntheticBanner : ''}
${verdict(report.verdict)}
<dl class="facts">${report.facts.map(fact).join('')}</dl>
</header>
${report.sections.map(section).join('\n')}
</main></body>
</html>
`
}

const syntheticBanner = `<p class="banner"><strong>Synthetic data.</strong> This model was trained on the generated sample world.
Its metrics show that the machinery works; they say nothing about quality on real data.</p>`

function verdict(gate: RunReport['verdict']): string {
  if (gate === undefined) return ''
  const [kind, word] = gate.passed ? ['passed', 'Passed the gate.'] : ['refused', 'Refused by the gate.']
  return `<p class="verdict ${kind}"><strong>${word}</strong> ${escapeHtml(gate.reason)}</p>`
}

/** A sentence gets a line of its own. */
const fact = ([label, value]: RunReport['facts'][number]): string =>
  `<div${value.length > 60 ? ' class="wide"' : ''}><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`

function section(part: ReportSection): string {
  return `<section><h2>${escapeHtml(part.title)}</h2>\n${body(part)}\n</section>`
}

function body(part: ReportSection): string {
  switch (part.kind) {
    case 'text':
      return part.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n')
    case 'metrics':
      return metricsTables(part.rows) + note(part.note)
    case 'table':
      return plainTable(part.header, part.rows) + note(part.note)
    case 'chart':
      return wideFigure(part)
    case 'charts':
      return `${note(part.note)}<div class="charts">${part.charts.map(smallFigure).join('\n')}</div>`
  }
}

const note = (text: string | undefined): string => (text === undefined ? '' : `<p class="note">${escapeHtml(text)}</p>`)

/** Drawn twice, because text that is readable across the page is not when the page is a third as wide. */
function wideFigure({ title, caption, option, narrow, height }: Chart & { readonly narrow?: Chart['option'] }): string {
  const size = height === undefined ? {} : { height }
  const wide = chartSvg(option, title, size)
  const small = chartSvg(narrow ?? option, title, { ...size, width: chartWidths.narrow })
  return `<figure><div class="wide">${wide}</div><div class="narrow">${small}</div><figcaption>${escapeHtml(caption)}</figcaption></figure>`
}

function smallFigure({ title, caption, option, height = 280 }: Chart): string {
  const svg = chartSvg(option, title, { width: chartWidths.narrow, height })
  return `<figure><h3>${escapeHtml(title)}</h3>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
}

/** Columns of figures are set to the right. */
function plainTable(header: readonly string[], rows: readonly (readonly TableCell[])[]): string {
  const figures = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] !== 'string'))
  const side = (column: number): string => (figures[column] ? ' class="n"' : '')
  const head = header.map((name, column) => `<th${side(column)}>${escapeHtml(name)}</th>`).join('')
  const lines = rows.map(
    (row) => `<tr>${row.map((value, column) => `<td${side(column)}>${tableCell(value)}</td>`).join('')}</tr>`,
  )
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table></div>`
}

function tableCell(value: TableCell): string {
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'string') return escapeHtml(value)
  return `${escapeHtml(value.text)}<small>${escapeHtml(value.below)}</small>`
}
