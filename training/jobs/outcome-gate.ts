import type { MetricRow } from '../../models/artifact/manifest.ts'
import { judgeBaselines } from '../evaluation/baseline-gate.ts'
import type { Verdict } from './gate.ts'
import { afterFirstDay } from './outcome-metrics.ts'

/**
 * Whether a model of outcomes foretells the headline better than its baselines before publication. After the first day, where it is asked
 * too, it is refused only when a baseline is better than its whole interval: few contents and a count that hardly grows make that a toss.
 *
 * @param metrics of `outcomeMetrics`
 */
export function gateOutcomes(metrics: readonly [MetricRow, ...MetricRow[]]): Verdict {
  const before = judgeBaselines(metrics[0])
  const row = metrics.find(({ metric }) => metric === `${metrics[0].metric} ${afterFirstDay}`)
  if (row === undefined) return before
  const least = Math.min(...Object.values(row.baselines).map(({ value }) => value))
  const bearable = (row.model.low ?? row.model.value) <= least
  const refused = bearable ? '' : ' That is worse than chance explains, so the model is refused.'
  return {
    passed: before.passed && bearable,
    reason: `${before.reason} ${judgeBaselines(row).reason}${refused}`,
  }
}
