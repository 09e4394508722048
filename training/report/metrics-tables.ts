import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { escapeHtml, formatNumber } from './html.ts'
import { type MetricGroup, metricGroups } from './metric-groups.ts'

/**
 * Metrics as tables, one for those that are held against the same baselines: a line per metric, the model beside each baseline, intervals
 * below the values. The best value of each line is marked; ties mark all of them. A baseline without this metric shows `–`.
 */
export const metricsTables = (rows: readonly MetricRow[]): string =>
  `<div class="scroll">${metricGroups(rows).map(metricsTable).join('\n')}</div>`

function metricsTable({ baselines, rows }: MetricGroup): string {
  const head = ['Metric', 'Model', ...baselines].map(
    (name, i) => `<th${i > 0 ? ' class="n"' : ''}>${escapeHtml(name)}</th>`,
  )
  const body = rows.map((row) => metricLine(row, baselines)).join('\n')
  return `<table class="metrics"><thead><tr>${head.join('')}</tr></thead><tbody>\n${body}\n</tbody></table>`
}

function metricLine(row: MetricRow, baselines: readonly string[]): string {
  const best = bestValue(row)
  const direction = row.higherIsBetter ? 'higher is better' : 'lower is better'
  const cells = [row.model, ...baselines.map((name) => row.baselines[name])].map((estimate, i) =>
    estimateCell(estimate, best, i === 0),
  )
  return `<tr><th scope="row">${escapeHtml(row.metric)}<small>${direction}</small></th>${cells.join('')}</tr>`
}

function estimateCell(estimate: Estimate | undefined, best: number, isModel: boolean): string {
  if (estimate === undefined) return '<td class="n">–</td>'
  const isBest = estimate.value === best
  const classes = ['n', isModel ? 'model' : '', isBest ? 'best' : ''].filter((name) => name !== '').join(' ')
  const interval =
    estimate.low === null || estimate.high === null
      ? ''
      : `<small>${formatNumber(estimate.low)} … ${formatNumber(estimate.high)}</small>`
  return `<td class="${classes}">${formatNumber(estimate.value)}${isBest ? '<span class="mark" title="best">▲</span>' : ''}${interval}</td>`
}

function bestValue(row: MetricRow): number {
  // Alone, nothing is the best.
  if (Object.keys(row.baselines).length === 0) return Number.NaN
  const values = [row.model, ...Object.values(row.baselines)].map((e) => e.value).filter(Number.isFinite)
  return row.higherIsBetter ? Math.max(...values) : Math.min(...values)
}
