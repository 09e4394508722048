import { hoursPerWeek } from '../../features/transforms/local-clock.ts'

/** Posts with a known outcome, as deviations from their creator's own mean. */
export interface HourPosts {
  /** Group of each post at each level, coarse to fine: everyone, platform, category, creator. */
  readonly groups: readonly Int32Array[]
  /** Number of groups at each level. */
  readonly sizes: readonly number[]
  readonly hour: Int32Array
  /** ln(1 + outcome) − mean of the creator − what is explained otherwise. */
  readonly deviation: Float64Array
}

/** How posts at other hours speak for an hour, and how strongly each level is drawn to the one above. */
export interface HourSettings {
  /** Weight of the next hour; its square for the one after. */
  readonly neighbour: number
  /** Weight of the same hour on another day of the same kind: both on working days, or both at the weekend. */
  readonly otherDay: number
  /** Weight of the same hour on a day of the other kind. */
  readonly otherKind: number
  /** Posts that the level above counts as, per level from everyone (drawn to 0) to creator; Infinity = nothing of its own. */
  readonly strength: readonly [number, number, number, number]
}

/** Weighted sums of deviations and weights per level, group and hour; `[groups·168]`. */
export interface HourSums {
  readonly sum: readonly Float64Array[]
  readonly weight: readonly Float64Array[]
}

const reach = 2

/** Sums over the given posts, each post spread over the hours it speaks for. */
export function sumHours(posts: HourPosts, rows: Int32Array, settings: Omit<HourSettings, 'strength'>): HourSums {
  const raw = posts.sizes.map((size) => ({
    sum: new Float64Array(size * hoursPerWeek),
    weight: new Float64Array(size * hoursPerWeek),
  }))
  for (const row of rows) {
    posts.groups.forEach((group, level) => {
      const at = group[row]! * hoursPerWeek + posts.hour[row]!
      raw[level]!.sum[at]! += posts.deviation[row]!
      raw[level]!.weight[at]!++
    })
  }
  const kernel = kernelOf(settings)
  return {
    sum: raw.map(({ sum }) => spread(sum, kernel)),
    weight: raw.map(({ weight }) => spread(weight, kernel)),
  }
}

/** What an hour adds to ln(1 + outcome), and the variance of that estimate in units of a single post's variance. */
export interface HourEffect {
  readonly mean: number
  readonly variance: number
}

/**
 * Empirical Bayes down the levels: each estimate is drawn to that of the level above.
 *
 * meanₗ = (Sₗ + kₗ·meanₗ₋₁) / (Wₗ + kₗ), varianceₗ = 1/(Wₗ + kₗ) + (kₗ/(Wₗ + kₗ))²·varianceₗ₋₁   (Efron & Morris 1973)
 *
 * @param group of each level; −1 stops before it, e.g. for a creator without posts
 */
export function hourEffect(
  { sum, weight }: HourSums,
  group: readonly number[],
  hour: number,
  strength: readonly number[],
): HourEffect {
  let mean = 0
  let variance = 0
  for (let level = 0; level < group.length; level++) {
    const k = strength[level]!
    if (group[level]! < 0 || k === Number.POSITIVE_INFINITY) continue
    const at = group[level]! * hoursPerWeek + hour
    const n = weight[level]![at]!
    const own = 1 / (n + k)
    mean = (sum[level]![at]! + k * mean) * own
    variance = own + (k * own) ** 2 * variance
  }
  return { mean, variance }
}

/** Hours of the week that each day's posts speak for: offset from the post's hour, and weight. */
type Kernel = readonly (readonly (readonly [offset: number, weight: number])[])[]

function kernelOf({ neighbour, otherDay, otherKind }: Omit<HourSettings, 'strength'>): Kernel {
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach)
  const weightOf = (from: number, to: number): number => {
    if (from === to) return 1
    return isWeekend(from) === isWeekend(to) ? otherDay : otherKind
  }
  return days.map((from) =>
    days
      .flatMap((to) =>
        offsets.map((hour) => [24 * (to - from) + hour, weightOf(from, to) * neighbour ** Math.abs(hour)] as const),
      )
      .filter(([, weight]) => weight > 0),
  )
}

/** The week begins on Monday. */
const days = [...Array(7).keys()]
const isWeekend = (day: number): boolean => day >= 5

function spread(values: Float64Array, kernel: Kernel): Float64Array {
  const result = new Float64Array(values.length)
  for (let at = 0; at < values.length; at++) {
    if (values[at] === 0) continue
    const from = at % hoursPerWeek
    const start = at - from
    for (const [offset, weight] of kernel[Math.floor(from / 24)]!) {
      const hour = (from + offset + hoursPerWeek) % hoursPerWeek
      result[start + hour]! += weight * values[at]!
    }
  }
  return result
}
