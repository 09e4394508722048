import type { HourTable } from '../datasets/hour-posts.ts'
import type { HourSettings } from './hour-effects.ts'
import { fitPostingTime, type HourTerm, type PostingTimeFit, predictPosts, withinR2 } from './posting-time.ts'

/** What other days of the same kind say, and those of the other kind. */
const daysTried = [
  [0, 0],
  [0.3, 0.3],
  [1, 0],
  [1, 0.3],
  [1, 1],
] as const

const settingsTried: readonly HourSettings[] = [0, 0.6].flatMap((neighbour) =>
  daysTried.flatMap(([otherDay, otherKind]) =>
    [5, 30, 200].flatMap((everyone) =>
      [100, Number.POSITIVE_INFINITY].flatMap((group) =>
        [15, 50, 200, Number.POSITIVE_INFINITY].map(
          (creator): HourSettings => ({ neighbour, otherDay, otherKind, strength: [everyone, group, group, creator] }),
        ),
      ),
    ),
  ),
)

const folds = 5

export interface ChosenPostingTime {
  readonly settings: HourSettings
  /** Those that helped. */
  readonly terms: readonly HourTerm[]
  /** Within-creator R² of the blocks; 0 where nothing varies within a creator. */
  readonly validR2: number
}

/**
 * Chooses how much to smooth and shrink, and then which terms help: by the within-creator R² of posts in five consecutive
 * blocks of time, each predicted from the other four. Single posts are so noisy that one validation part alone would choose by chance.
 *
 * @param past  rows before the test part, ascending by time
 * @param terms what may be used
 */
export function choosePostingTime(table: HourTable, past: Int32Array, terms: readonly HourTerm[]): ChosenPostingTime {
  let best: ChosenPostingTime = { settings: settingsTried[0]!, terms: [], validR2: Number.NEGATIVE_INFINITY }
  const consider = (settings: HourSettings, used: readonly HourTerm[], fits: readonly PostingTimeFit[]): void => {
    const prediction = Float64Array.from(fits.flatMap((fit, fold) => [...predictPosts(fit, table, inside(past, fold))]))
    const validR2 = withinR2(table, past, prediction)
    if (validR2 > best.validR2) best = { settings, terms: used, validR2 }
  }
  const fitFolds = (settings: HourSettings, used: readonly HourTerm[]): readonly PostingTimeFit[] =>
    Array.from({ length: folds }, (_, fold) => fitPostingTime(table, outside(past, fold), settings, used))
  let fits: readonly PostingTimeFit[] = []
  for (const settings of settingsTried) {
    const last = fits[0]?.settings
    // Settings that smooth alike follow each other and share their sums.
    fits =
      last !== undefined && smoothAlike(last, settings)
        ? fits.map((fit) => ({ ...fit, settings }))
        : fitFolds(settings, [])
    consider(settings, [], fits)
  }
  const { settings } = best
  for (const used of subsets(terms)) consider(settings, used, fitFolds(settings, used))
  // Where nothing varies, nothing was better than nothing.
  return Number.isFinite(best.validR2) ? best : { ...best, validR2: 0 }
}

const smoothAlike = (a: HourSettings, b: HourSettings): boolean =>
  a.neighbour === b.neighbour && a.otherDay === b.otherDay && a.otherKind === b.otherKind

/** Every choice of some terms, by the bits of its number; none of them is 0. */
const subsets = (terms: readonly HourTerm[]): readonly (readonly HourTerm[])[] =>
  Array.from({ length: 2 ** terms.length - 1 }, (_, i) => terms.filter((_, t) => ((i + 1) >> t) & 1))

const blockStart = (past: Int32Array, fold: number): number => Math.floor((fold * past.length) / folds)

const inside = (past: Int32Array, fold: number): Int32Array =>
  past.subarray(blockStart(past, fold), blockStart(past, fold + 1))

const outside = (past: Int32Array, fold: number): Int32Array =>
  past.filter((_, i) => i < blockStart(past, fold) || i >= blockStart(past, fold + 1))
