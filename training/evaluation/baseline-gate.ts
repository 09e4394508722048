import type { MetricRow } from '../../models/artifact/manifest.ts'
import { figure } from './figure.ts'
import { strictlyBetter } from './strictly-better.ts'

/**
 * Whether the model's headline metric is better than that of every baseline on the held-out part, by more than floats round, and why in
 * words.
 *
 * The intervals do not decide, but the reason tells where the closest baseline lies within the model's interval.
 */
export function judgeBaselines(headline: MetricRow): { readonly passed: boolean; readonly reason: string } {
  const { metric, higherIsBetter, model } = headline
  const better = (a: number, b: number): boolean => (higherIsBetter ? a > b : a < b)
  const ranked = Object.entries(headline.baselines).sort(([, a], [, b]) => (better(a.value, b.value) ? -1 : 1))
  const strongest = ranked[0]
  if (strongest === undefined || !Number.isFinite(model.value)) {
    return { passed: false, reason: `${metric} cannot be measured on the held-out part, or has no baseline to beat.` }
  }
  const [name, { value }] = strongest
  const passed = strictlyBetter(model.value, value, higherIsBetter)
  const others = ranked.slice(1).map(([other, estimate]) => `${other} ${figure(estimate.value)}`)
  const rest = others.length > 0 ? ` (${others.join(', ')})` : ''
  const close =
    model.low !== null && model.high !== null && value >= model.low && value <= model.high
      ? ' The margin is within the interval of the held-out part.'
      : ''
  return {
    passed,
    reason: `${metric} ${figure(model.value)} ${passed ? 'beats' : 'does not beat'} the strongest baseline, ${name}, with ${figure(value)}${rest}.${close}`,
  }
}
