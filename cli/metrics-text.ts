import type { Estimate, MetricRow } from '../models/artifact/manifest.ts'
import { type MetricGroup, metricGroups } from '../training/report/metric-groups.ts'
import { textTable } from './text-table.ts'

/** Held-out metrics as text, a table for those that are held against the same baselines: intervals in brackets. */
export const metricsText = (rows: readonly MetricRow[]): string => metricGroups(rows).map(groupText).join('\n\n')

const groupText = ({ baselines, rows }: MetricGroup): string =>
  textTable(
    ['metric', 'better', 'model', ...baselines],
    rows.map((row) => [
      row.metric,
      row.higherIsBetter ? 'higher' : 'lower',
      estimateText(row.model),
      ...baselines.map((name) => estimateText(row.baselines[name])),
    ]),
  )

function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '–'
  const { value, low, high } = estimate
  return low === null || high === null ? figure(value) : `${figure(value)} [${figure(low)}, ${figure(high)}]`
}

/** Four significant digits, without an exponent for the sizes that metrics have. */
export const figure = (value: number): string => {
  const size = Math.abs(value)
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(2) : String(Number(value.toPrecision(4)))
}
