import type { Random } from '../backend/random.ts'
import { mean } from './mean.ts'
import { quantile } from './quantile.ts'
import { copyColumns, type ScorableRows, takeRows, widthOf } from './scorable-rows.ts'

/** What moving along an axis does to predictions, step by step. */
export interface AccumulatedEffects {
  /** The positions on the axis, ascending; `[K + 1]` */
  readonly positions: readonly number[]
  /** Effect at each position, in the unit of the predictions; 0 on average over the rows; `[K + 1]` */
  readonly effect: readonly number[]
  /** 95 % bootstrap interval of each, over the rows and donors; `[K + 1]` */
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** Rows that stand at each position; those between two count half for either. `[K + 1]` */
  readonly rows: readonly number[]
}

/** What each row says of the step it stands in. */
interface Steps {
  readonly positions: readonly number[]
  /** By step, donor and row: the prediction at the upper position − that at the lower one. Without donors there is one of each step. */
  readonly differences: readonly (readonly Float64Array[])[]
  readonly weights: readonly number[]
}

const resamples = 100
const mostBins = 15
/** Fewer rows in a bin would draw noise. */
const rowsPerBin = 30
const mostDonors = 16

/**
 * Accumulated local effects along a numeric column (Apley & Zhu 2020, eq. 15 and 16): in each bin the column is set to the bin's ends in the
 * rows that lie there, the mean differences are added up, and the mean over the rows is taken off. Unlike a partial dependence it asks for
 * no combination of values that does not occur, however the columns hang together.
 *
 * Columns that tell the same in other words come along: they are those of the rows whose own value is nearest to the bin's end, and the
 * differences are means over a few such donors, the same ones for the bins on both sides.
 *
 * @param column of `rows.numeric`; the range is that of the middle 95 % of its known values, in bins of equal count where values differ enough
 * @param along  other columns of `rows.numeric`
 * @returns undefined where the range is a single value
 */
export async function numericEffects(
  rows: ScorableRows,
  column: number,
  along: readonly number[],
  random: Random,
): Promise<AccumulatedEffects | undefined> {
  const width = widthOf(rows.numeric, rows.rowCount)
  const value = (row: number): number => rows.numeric[row * width + column]!
  const known = Int32Array.from({ length: rows.rowCount }, (_, row) => row).filter((row) => !Number.isNaN(value(row)))
  const edges = edgesOf(Float64Array.from(known, value).sort())
  if (edges.length < 2) return undefined
  const within = edges.slice(1).map((upper, step) =>
    // A value on an edge belongs to the step below; the least one to the first.
    known.filter(
      (row) => value(row) <= upper && (value(row) > edges[step]! || (step === 0 && value(row) === edges[0])),
    ),
  )
  const donors = edges.map((edge) =>
    nearestRows(known, (row) => Math.abs(value(row) - edge), along.length === 0 ? 1 : mostDonors, random),
  )
  /** Predictions of rows as if they were at an edge, with what comes along from each of its donors. */
  const at = async (step: Int32Array, k: number): Promise<readonly Float64Array[]> => {
    const scores: Float64Array[] = []
    for (const donor of donors[k]!) {
      const numeric = takeRows(rows.numeric, rows.rowCount, step)
      const categorical = takeRows(rows.categorical, rows.rowCount, step)
      const from = new Int32Array(step.length).fill(donor)
      copyColumns(numeric, rows.numeric, width, along, from)
      for (let i = 0; i < step.length; i++) numeric[i * width + column] = edges[k]!
      scores.push(await rows.score(numeric, categorical))
    }
    return scores
  }
  const differences: (readonly Float64Array[])[] = []
  for (const [step, its] of within.entries()) {
    const [lower, upper] = [await at(its, step), await at(its, step + 1)]
    differences.push(upper.map((predictions, donor) => minus(predictions, lower[donor]!)))
  }
  // Half of a step's rows count for each of its ends, which makes the mean that of the bins' middles.
  const half = (step: number): number => (within[step]?.length ?? 0) / 2
  return accumulate({ positions: edges, differences, weights: edges.map((_, k) => half(k - 1) + half(k)) }, random)
}

/** The rows of the least distance, ties drawn. */
function nearestRows(rows: Int32Array, distance: (row: number) => number, count: number, random: Random): Int32Array {
  const drawn = rows.slice()
  random.shuffle(drawn)
  return drawn.sort((a, b) => distance(a) - distance(b)).slice(0, count)
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
  const differences: (readonly Float64Array[])[] = []
  for (let step = 0; step + 1 < levels; step++) {
    const within = Int32Array.from(levelOf, (_, row) => row).filter(
      (row) => levelOf[row] === step || levelOf[row] === step + 1,
    )
    const at = (level: number) => scoreAt(within, new Int32Array(within.length).fill(level))
    const [lower, upper] = [await at(step), await at(step + 1)]
    differences.push([minus(upper, lower)])
  }
  return accumulate({ positions: counts.map((_, level) => level), differences, weights: counts }, random)
}

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]!)

function accumulate({ positions, differences, weights }: Steps, random: Random): AccumulatedEffects {
  const effect = centred(
    differences.map((donors) => mean(donors.map(mean))),
    weights,
  )
  const drawn = Array.from({ length: resamples }, () => centred(resampled(differences, random), weights))
  const at = (k: number, q: number): number =>
    quantile(
      drawn.map((one) => one[k]!).sort((a, b) => a - b),
      q,
    )
  return {
    positions,
    effect,
    low: effect.map((_, k) => at(k, 0.025)),
    high: effect.map((_, k) => at(k, 0.975)),
    rows: weights,
  }
}

/** Mean differences of drawn rows and donors; a donor of the same number stands at both ends of a step, and of its neighbours. */
function resampled(differences: Steps['differences'], random: Random): number[] {
  const donorCount = differences[0]!.length
  const donors = Int32Array.from({ length: donorCount }, () => random.int(donorCount))
  return differences.map((of) => {
    const rows = of[0]!.map(() => random.int(of[0]!.length))
    let sum = 0
    for (const donor of donors) for (const row of rows) sum += of[donor]![row]!
    return sum / (donors.length * rows.length)
  })
}

/** Sums of steps from the first position on, less their weighted mean; a step without rows changes nothing. */
function centred(steps: readonly number[], weights: readonly number[]): number[] {
  const sums = [0]
  for (const step of steps) sums.push(sums.at(-1)! + (Number.isNaN(step) ? 0 : step))
  const all = weights.reduce((a, b) => a + b, 0)
  const middle = sums.reduce((sum, value, k) => sum + value * weights[k]!, 0) / all
  return sums.map((value) => value - middle)
}

/**
 * Ends of bins of equal count, each the value of a row; equal ones become one. The tails are left out: few rows tell little of a wide range.
 */
function edgesOf(sorted: Float64Array): number[] {
  if (sorted.length === 0) return []
  const bins = Math.max(1, Math.min(mostBins, Math.floor(sorted.length / rowsPerBin)))
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)]!
  const edges = Array.from({ length: bins + 1 }, (_, k) => at(0.025 + (0.95 * k) / bins))
  return edges.filter((edge, k) => k === 0 || edge > edges[k - 1]!)
}
