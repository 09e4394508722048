import type { MetricRow } from '../../models/artifact/manifest.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import { figure } from '../evaluation/figure.ts'
import type { Verdict } from './gate.ts'
import { thresholdLabel } from './virality-questions.ts'

/**
 * Whether the model orders contents better than its baselines, and its probabilities are worth as much as a constant: a log loss no worse
 * than that of the base rate. At the moment that is no headline, few viral contents and a weak signal make that a toss: there the model is
 * refused only when the whole interval is worse, as it is by its second question, whether a threshold is exceeded. The Brier score is told
 * beside it, and how well the second question orders.
 *
 * @param metrics of `classifierMetrics`
 */
export function gateVirality(metrics: readonly [MetricRow, ...MetricRow[]]): Verdict {
  const order = judgeBaselines(metrics[0])
  const losses = metrics.filter(({ metric }) => metric.startsWith('log loss'))
  const worse = losses.filter((row, i) => !((i === 0 ? row.model.value : lowest(row)) <= baseRateOf(row)))
  const compared = metrics
    .filter(({ metric }) => /^(log loss|Brier score)/.test(metric))
    .map(comparison)
    .join('; ')
  const verdict =
    worse.length === 0
      ? 'Probabilities are held against the constant base rate too'
      : 'As probabilities they are worth less than the constant base rate, so the model is refused'
  const second = metrics.find(({ metric }) => metric.startsWith(`AUC ${thresholdLabel}`))
  const ordered = second === undefined ? order.reason : `${order.reason} ${judgeBaselines(second).reason}`
  return { passed: order.passed && worse.length === 0, reason: `${ordered} ${verdict}: ${compared}.` }
}

const baseRateOf = ({ baselines }: MetricRow): number => baselines['base rate']?.value ?? Number.NaN

const lowest = ({ model }: MetricRow): number => model.low ?? model.value

const comparison = (row: MetricRow): string =>
  `${row.metric} ${figure(row.model.value)} against ${figure(baseRateOf(row))}`
