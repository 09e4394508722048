import type { Estimate } from '../../models/artifact/manifest.ts'
import type { Random } from '../backend/random.ts'
import { quantile } from './quantile.ts'

/**
 * A statistic of n examples with its 95 % percentile bootstrap interval (Efron 1979).
 *
 * @param count     number of examples n
 * @param statistic of the examples with these indices (repeats allowed); NaN resamples are left out
 * @param options.groups group of each example, `[n]`: whole groups are drawn, where examples of one group are alike
 * @returns `low` and `high` are null when fewer than half of the resamples have a value, and of one example or one group, which cannot vary
 */
export function bootstrapStatistic(
  count: number,
  statistic: (indices: Int32Array) => number,
  random: Random,
  options: { readonly resamples?: number; readonly groups?: ArrayLike<number> } = {},
): Estimate {
  const all = Int32Array.from({ length: count }, (_, i) => i)
  const value = statistic(all)
  if (new Set(options.groups === undefined ? all.subarray(0, 2) : Array.from(options.groups)).size < 2) {
    return { value, low: null, high: null }
  }
  const draw = options.groups === undefined ? drawExamples(count, random) : drawGroups(options.groups, random)
  const resamples = options.resamples ?? 400
  const found: number[] = []
  for (let b = 0; b < resamples; b++) {
    const sample = statistic(draw())
    if (Number.isFinite(sample)) found.push(sample)
  }
  if (!Number.isFinite(value) || found.length === 0 || found.length < resamples / 2)
    return { value, low: null, high: null }
  found.sort((a, b) => a - b)
  return { value, low: quantile(found, 0.025), high: quantile(found, 0.975) }
}

function drawExamples(count: number, random: Random): () => Int32Array {
  const indices = new Int32Array(count)
  return () => {
    for (let i = 0; i < count; i++) indices[i] = random.int(count)
    return indices
  }
}

function drawGroups(groups: ArrayLike<number>, random: Random): () => Int32Array {
  const members = new Map<number, number[]>()
  for (let i = 0; i < groups.length; i++) {
    const list = members.get(groups[i]!)
    if (list === undefined) members.set(groups[i]!, [i])
    else list.push(i)
  }
  const lists = [...members.values()]
  return () => Int32Array.from(lists.flatMap(() => lists[random.int(lists.length)]!))
}
