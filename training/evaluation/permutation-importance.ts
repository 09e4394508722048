import type { Estimate } from '../../models/artifact/manifest.ts'
import type { Random } from '../backend/random.ts'
import { mean } from './mean.ts'
import { pick, type Statistic } from './metric-row.ts'
import { quantile } from './quantile.ts'
import { type ColumnGroup, copyColumns, type ScorableRows, widthOf } from './scorable-rows.ts'

/** How much a model needs what a group of columns says. */
export interface GroupImportance {
  readonly label: string
  /** How much worse the metric gets without it, in the metric's unit; 0 or less: it is not needed. */
  readonly harm: Estimate
  /** The metric without it. */
  readonly without: number
}

export interface ImportanceOptions {
  readonly statistic: Statistic
  readonly higherIsBetter: boolean
  readonly random: Random
  /** How often each group is shuffled. */
  readonly shuffles?: number
  /** Bootstrap resamples. */
  readonly resamples?: number
}

/**
 * Permutation importance: how much worse a metric gets when the columns of a group are shuffled together among the rows, so that they say
 * nothing of the row they stand in (Breiman 2001; Fisher, Rudin & Dominici 2019, model reliance as a difference).
 *
 * What stands in another group as well is not missed: of two groups that say the same, each looks less needed than both together.
 *
 * @param actual `[rowCount]`, no NaN
 * @returns the metric on the unshuffled rows, and every group by descending harm. The 95 % interval is that of resampled rows, each
 *          resample with one of the shuffles, so that it covers the luck of both
 */
export async function permutationImportance(
  rows: ScorableRows,
  actual: ArrayLike<number>,
  groups: readonly ColumnGroup[],
  { statistic, higherIsBetter, random, shuffles = 4, resamples = 100 }: ImportanceOptions,
): Promise<{ readonly metric: number; readonly groups: readonly GroupImportance[] }> {
  const { rowCount } = rows
  const whole = await rows.score(rows.numeric, rows.categorical)
  const metric = statistic(whole, actual)
  const drawing = random.fork('rows')
  const draws = Array.from({ length: resamples }, () =>
    Int32Array.from({ length: rowCount }, () => drawing.int(rowCount)),
  )
  const metrics = draws.map((draw) => statistic(pick(whole, draw), pick(actual, draw)))
  const worse = (shuffled: number, unshuffled: number): number => (higherIsBetter ? -1 : 1) * (shuffled - unshuffled)
  const judged: GroupImportance[] = []
  for (const group of groups) {
    const predictions = await shuffledPredictions(rows, group, shuffles, random.fork(group.label))
    const without = mean(predictions.map((prediction) => statistic(prediction, actual)))
    const resampled = draws
      .map((draw, b) => worse(statistic(pick(predictions[b % shuffles]!, draw), pick(actual, draw)), metrics[b]!))
      .filter(Number.isFinite)
      .sort((a, b) => a - b)
    const known = resampled.length >= resamples / 2
    judged.push({
      label: group.label,
      without,
      harm: {
        value: worse(without, metric),
        low: known ? quantile(resampled, 0.025) : null,
        high: known ? quantile(resampled, 0.975) : null,
      },
    })
  }
  return { metric, groups: judged.sort((a, b) => b.harm.value - a.harm.value) }
}

async function shuffledPredictions(
  { rowCount, numeric, categorical, score }: ScorableRows,
  group: ColumnGroup,
  shuffles: number,
  random: Random,
): Promise<readonly Float64Array[]> {
  const predictions: Float64Array[] = []
  const from = Int32Array.from({ length: rowCount }, (_, row) => row)
  const [n, c] = [numeric.slice(), categorical.slice()]
  for (let s = 0; s < shuffles; s++) {
    random.shuffle(from)
    copyColumns(n, numeric, widthOf(numeric, rowCount), group.numeric, from)
    copyColumns(c, categorical, widthOf(categorical, rowCount), group.categorical, from)
    predictions.push(await score(n, c))
  }
  return predictions
}
