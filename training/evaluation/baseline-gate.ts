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

/**
 * As `judgeBaselines`, but the linear model that the network starts from is no rival: where nothing is to be added to it, it is what is
 * served. It refuses the model only where it is better than the whole interval.
 *
 * @param start its name among the baselines
 */
export function judgeBesideStart(headline: MetricRow, start: string): ReturnType<typeof judgeBaselines> {
  const { [start]: its, ...rivals } = headline.baselines
  const worth = judgeBaselines({ ...headline, baselines: rivals })
  if (its === undefined) return worth
  const ahead = isBeyond(headline, its.value)
  const told = `${start}, which it starts from, has ${figure(its.value)}`
  return {
    passed: worth.passed && !ahead,
    reason: `${worth.reason} ${told}${ahead ? ': better by more than chance explains, so the model is refused' : ''}.`,
  }
}

/** Whether a value is better than the whole interval of the model, or than its value where there is none. */
export const isBeyond = ({ model, higherIsBetter }: MetricRow, value: number): boolean =>
  higherIsBetter ? value > (model.high ?? model.value) : value < (model.low ?? model.value)
