import { hourOfWeek, hoursPerWeek } from '../../features/transforms/local-clock.ts'
import type { PostingTime } from '../../models/payloads/posting-time.ts'
import { unknownTimeZone } from '../datasets/creator-time-zones.ts'
import type { HourTable } from '../datasets/hour-posts.ts'
import { deviations } from './creator-deviations.ts'
import { type HourEffect, hourEffect, sumHours } from './hour-effects.ts'
import { creatorEffect, type PostingTimeFit } from './posting-time.ts'

/** Lift by creator and hour of the week; row 0 is everyone. `[(1 + creators), 168]`, row-major. */
export interface PostingTimeTables {
  readonly lift: Float32Array
  readonly lower: Float32Array
  readonly upper: Float32Array
  readonly creators: PostingTime['creators']
}

/** 10 % quantile of the standard normal: both tails leave 80 % between. */
const z80 = 1.2815515655446004

/**
 * Lift e^effect with its 80 % interval: for everyone by UTC hours, for each creator by the hours of the creator's clock.
 *
 * @param rows those that the model was fitted on
 */
export function postingTimeTables(fit: PostingTimeFit, table: HourTable, rows: Int32Array): PostingTimeTables {
  const { groups, sums, settings, variance, counts } = fit
  const count = 1 + table.creators.length
  const tables = [0, 1, 2].map(() => new Float32Array(count * hoursPerWeek))
  const everyone = everyonesHours(fit, table, rows)
  for (let row = 0; row < count; row++) {
    for (let hour = 0; hour < hoursPerWeek; hour++) {
      const effect = row === 0 ? everyone(hour) : creatorEffect(fit, row - 1, hour)
      const half = z80 * Math.sqrt(variance * effect.variance)
      const at = row * hoursPerWeek + hour
      tables[0]![at] = Math.exp(effect.mean)
      tables[1]![at] = Math.exp(effect.mean - half)
      tables[2]![at] = Math.exp(effect.mean + half)
    }
  }
  const all = { creatorId: '', platform: '', category: '', timeZone: unknownTimeZone, posts: rows.length }
  return {
    lift: tables[0]!,
    lower: tables[1]!,
    upper: tables[2]!,
    creators: [
      { ...all, basis: 'everyone' },
      ...table.creators.map((creator, index) => ({
        ...creator,
        posts: counts[index]!,
        basis: basisOf(groups[index]!, sums.weight, settings.strength),
      })),
    ],
  }
}

/** What each UTC hour adds for a creator of whom nothing is known, not even a clock. */
function everyonesHours(
  { settings }: PostingTimeFit,
  table: HourTable,
  rows: Int32Array,
): (hour: number) => HourEffect {
  const hour = Int32Array.from(table.at, hourOfWeek)
  const { deviation } = deviations(table, rows)
  const all = { deviation, groups: [new Int32Array(table.rowCount)], sizes: [1], hour }
  const sums = sumHours(all, rows, settings)
  return (column) => hourEffect(sums, [0], column, settings.strength)
}

const levels = ['everyone', 'platform', 'category', 'creator'] as const

/** The level with the largest part in the creator's estimates, on average over the week. */
function basisOf(
  group: readonly number[],
  weight: readonly Float64Array[],
  strength: readonly number[],
): (typeof levels)[number] {
  const parts = new Float64Array(group.length)
  for (let hour = 0; hour < hoursPerWeek; hour++) {
    let left = 1
    for (let level = group.length - 1; level > 0; level--) {
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
