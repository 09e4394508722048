import type { Estimate, MetricRow } from '../../models/artifact/manifest.ts'
import { isBeyond, judgeBaselines } from '../evaluation/baseline-gate.ts'
import { figure } from '../evaluation/figure.ts'
import type { Verdict } from './gate.ts'

/** The baseline that reads the same features, week by week: what the network starts from. */
export const linearStart = 'logistic'

/**
 * Whether the probabilities are worth more than those of every baseline: the smaller log loss, as a chance to be lost is multiplied with
 * what a person is worth, so an order alone is not enough.
 *
 * Two ties are let pass, and told. The network's own linear start is no rival: where nothing is to be added to it, it is what is served; so it
 * refuses the model only where it is better than the whole interval. The same holds for the AUC of any baseline: one that is not calibrated,
 * as BG/NBD, may order better all the same.
 *
 * @param metrics the log loss first; all on the same people
 */
export function gateChurn(metrics: readonly [MetricRow, ...MetricRow[]]): Verdict {
  const [headline] = metrics
  const { [linearStart]: start, ...rivals } = headline.baselines
  const worth = judgeBaselines({ ...headline, baselines: rivals })
  const order = metrics.find(({ metric }) => metric.startsWith('AUC'))
  const best = (row: MetricRow): readonly (readonly [MetricRow, string, Estimate])[] =>
    Object.entries(row.baselines)
      .sort(([, a], [, b]) => (row.higherIsBetter ? b.value - a.value : a.value - b.value))
      .slice(0, 1)
      .map(([name, its]) => [row, name, its])
  const held = [
    ...(start === undefined ? [] : [[headline, linearStart, start] as const]),
    ...(order === undefined ? [] : best(order)),
  ]
  const ahead = held.filter(([row, , { value }]) => isBeyond(row, value))
  const told = held.map(
    ([row, name, { value }]) => `${row.metric} ${figure(row.model.value)}, ${name} ${figure(value)}`,
  )
  const verdict =
    ahead.length === 0
      ? 'Nothing else is better by more than chance explains'
      : `Refused, as more than chance explains is better: ${ahead.map(([row, name]) => `${name} in ${row.metric}`).join(', ')}`
  return { passed: worth.passed && ahead.length === 0, reason: `${worth.reason} ${verdict} (${told.join('; ')}).` }
}
