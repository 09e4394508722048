import type { PostingTime } from '../../models/payloads/posting-time.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import { hourEffect, hoursPerWeek } from './hour-effects.ts'
import type { PostingTimeFit } from './posting-time.ts'

/** Lift by creator and hour of the week; row 0 is everyone. `[(1 + creators), 168]`, row-major. */
export interface PostingTimeTables {
  readonly lift: Float32Array
  readonly lower: Float32Array
  readonly upper: Float32Array
  readonly creators: PostingTime['creators']
}

/** 10 % quantile of the standard normal: both tails leave 80 % between. */
const z80 = 1.2815515655446004

/** Lift e^effect with its 80 % interval for everyone and for each creator. */
export function postingTimeTables(fit: PostingTimeFit, table: HourTable): PostingTimeTables {
  const { posts, sums, settings, activity, activityWeight, variance, counts } = fit
  const rows = 1 + table.creators.length
  const tables = [0, 1, 2].map(() => new Float32Array(rows * hoursPerWeek))
  const groupsOf = groupsByCreator(fit, table)
  for (let row = 0; row < rows; row++) {
    const group = row === 0 ? [0] : groupsOf[row - 1]!
    for (let hour = 0; hour < hoursPerWeek; hour++) {
      const effect = hourEffect(sums, group, hour, settings.strength)
      const audience = row === 0 ? 0 : activityWeight * (activity?.[(row - 1) * hoursPerWeek + hour] ?? 0)
      const half = z80 * Math.sqrt(variance * effect.variance)
      const at = row * hoursPerWeek + hour
      tables[0]![at] = Math.exp(effect.mean + audience)
      tables[1]![at] = Math.exp(effect.mean + audience - half)
      tables[2]![at] = Math.exp(effect.mean + audience + half)
    }
  }
  return {
    lift: tables[0]!,
    lower: tables[1]!,
    upper: tables[2]!,
    creators: [
      { creatorId: '', platform: '', posts: counts.reduce((a, b) => a + b, 0), basis: 'everyone' },
      ...table.creators.map(({ creatorId, platform }, creator) => ({
        creatorId,
        platform,
        posts: counts[creator]!,
        basis: basisOf(groupsOf[creator]!, sums.weight, posts.sizes.length, settings.strength),
      })),
    ],
  }
}

/** Group of each creator at each level; −1 at the last for a creator without fitted posts. */
function groupsByCreator(fit: PostingTimeFit, table: HourTable): readonly (readonly number[])[] {
  const first = new Int32Array(table.creators.length).fill(-1)
  for (let row = table.rowCount - 1; row >= 0; row--) first[table.creator[row]!] = row
  return table.creators.map((_, creator) => {
    const groups = fit.posts.groups.map((level) => level[first[creator]!]!)
    return fit.counts[creator] === 0 ? [...groups.slice(0, 3), -1] : groups
  })
}

const levels = ['everyone', 'platform', 'category', 'creator'] as const

/** The level with the largest part in the creator's estimates, on average over the week. */
function basisOf(
  group: readonly number[],
  weight: readonly Float64Array[],
  count: number,
  strength: readonly number[],
): (typeof levels)[number] {
  const parts = new Float64Array(count)
  for (let hour = 0; hour < hoursPerWeek; hour++) {
    let left = 1
    for (let level = count - 1; level > 0; level--) {
      if (group[level]! < 0 || strength[level] === Number.POSITIVE_INFINITY) continue
      const n = weight[level]![group[level]! * hoursPerWeek + hour]!
      const share = n / (n + strength[level]!)
      parts[level]! += left * share
      left *= 1 - share
    }
    parts[0]! += left
  }
  return levels[parts.indexOf(Math.max(...parts))]!
}
