import type { Random } from '../backend/random.ts'
import { mean } from './mean.ts'
import { quantile } from './quantile.ts'
import { type ScorableRows, takeRows, widthOf } from './scorable-rows.ts'

/** What moving along an axis does to predictions, step by step. */
export interface AccumulatedEffects {
  /** The positions on the axis, ascending; `[K + 1]` */
  readonly positions: readonly number[]
  /** Effect at each position, in the unit of the predictions; 0 on average over the rows; `[K + 1]` */
  readonly effect: readonly number[]
  /** 95 % bootstrap interval of each, over the rows; `[K + 1]` */
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** Rows that stand at each position; those between two count half for either. `[K + 1]` */
  readonly rows: readonly number[]
  /** Standard deviation of the effect over the rows: how much the axis moves predictions. */
  readonly spread: number
}

/** What each row says of the step it stands in. */
interface Steps {
  readonly positions: readonly number[]
  /** By step and row: the prediction at the upper position − that at the lower one. */
  readonly differences: readonly Float64Array[]
  readonly weights: readonly number[]
}

const resamples = 100

/**
 * Accumulated local effects of a numeric column (Apley & Zhu 2020, eq. 15 and 16): in each bin the column is set to the bin's ends in the rows
 * that lie there, the mean differences are added up, and the mean over the rows is taken off. Unlike a partial dependence it asks for no
 * combination of values that does not occur, however the columns hang together.
 *
 * @param bins most bins; they have equal counts where values differ enough
 * @returns undefined where fewer than two values are known
 */
export async function numericEffects(
  rows: ScorableRows,
  column: number,
  random: Random,
  bins = 20,
): Promise<AccumulatedEffects | undefined> {
  const width = widthOf(rows.numeric, rows.rowCount)
  const value = (row: number): number => rows.numeric[row * width + column]!
  const known = Int32Array.from({ length: rows.rowCount }, (_, row) => row).filter((row) => !Number.isNaN(value(row)))
  const edges = edgesOf(Float64Array.from(known, value).sort(), bins)
  if (edges.length < 2) return undefined
  const stepOf = (row: number): number => {
    // A value on an edge belongs to the step below; the least one to the first.
    const above = edges.findIndex((edge) => value(row) <= edge)
    return Math.max(0, above - 1)
  }
  const at = async (end: 0 | 1): Promise<Float64Array> => {
    const numeric = takeRows(rows.numeric, rows.rowCount, known)
    known.forEach((row, i) => {
      numeric[i * width + column] = edges[stepOf(row) + end]!
    })
    return rows.score(numeric, takeRows(rows.categorical, rows.rowCount, known))
  }
  const [lower, upper] = [await at(0), await at(1)]
  const differences = edges.slice(1).map((_, step) => {
    const within = [...known.keys()].filter((i) => stepOf(known[i]!) === step)
    return Float64Array.from(within, (i) => upper[i]! - lower[i]!)
  })
  return accumulate(
    {
      positions: edges,
      differences,
      // Half of a step's rows count for each of its ends, which makes the mean that of the bins' middles.
      weights: edges.map((_, k) => ((differences[k - 1]?.length ?? 0) + (differences[k]?.length ?? 0)) / 2),
    },
    random,
  )
}

/**
 * Accumulated local effects of ordered levels, as the hours of a day: between two neighbours, the mean difference over the rows that are at
 * either (Apley & Zhu 2020, section 5.4).
 *
 * @param levels  how many there are
 * @param levelOf the level of each row, `[n]`, from 0; other numbers for a row without one
 * @param scoreAt predictions of some rows as if they were at the given levels
 */
export async function levelEffects(
  levels: number,
  levelOf: ArrayLike<number>,
  scoreAt: (rows: Int32Array, levels: Int32Array) => Promise<Float64Array>,
  random: Random,
): Promise<AccumulatedEffects> {
  const counts = new Array<number>(levels).fill(0)
  for (let row = 0; row < levelOf.length; row++) if (levelOf[row]! in counts) counts[levelOf[row]!]!++
  const differences: Float64Array[] = []
  for (let step = 0; step + 1 < levels; step++) {
    const within = Int32Array.from(levelOf, (_, row) => row).filter(
      (row) => levelOf[row] === step || levelOf[row] === step + 1,
    )
    const at = (level: number) => scoreAt(within, new Int32Array(within.length).fill(level))
    const [lower, upper] = [await at(step), await at(step + 1)]
    differences.push(upper.map((prediction, i) => prediction - lower[i]!))
  }
  return accumulate({ positions: counts.map((_, level) => level), differences, weights: counts }, random)
}

function accumulate({ positions, differences, weights }: Steps, random: Random): AccumulatedEffects {
  const effect = centred(differences.map(mean), weights)
  const drawn = Array.from({ length: resamples }, () =>
    centred(
      differences.map((of) => mean(of.map(() => of[random.int(of.length)]!))),
      weights,
    ),
  )
  const at = (k: number, q: number): number =>
    quantile(
      drawn.map((one) => one[k]!).sort((a, b) => a - b),
      q,
    )
  const all = weights.reduce((a, b) => a + b, 0)
  return {
    positions,
    effect,
    low: effect.map((_, k) => at(k, 0.025)),
    high: effect.map((_, k) => at(k, 0.975)),
    rows: weights,
    spread: Math.sqrt(effect.reduce((sum, value, k) => sum + (weights[k]! / all) * value ** 2, 0)),
  }
}

/** Sums of steps from the first position on, less their weighted mean; a step without rows changes nothing. */
function centred(steps: readonly number[], weights: readonly number[]): number[] {
  const sums = [0]
  for (const step of steps) sums.push(sums.at(-1)! + (Number.isNaN(step) ? 0 : step))
  const all = weights.reduce((a, b) => a + b, 0)
  const middle = sums.reduce((sum, value, k) => sum + value * weights[k]!, 0) / all
  return sums.map((value) => value - middle)
}

/** Ends of bins of equal count; equal quantiles become one. */
function edgesOf(sorted: Float64Array, bins: number): number[] {
  if (sorted.length === 0) return []
  const edges = Array.from({ length: bins + 1 }, (_, k) => quantile(sorted, k / bins))
  return edges.filter((edge, k) => k === 0 || edge > edges[k - 1]!)
}
