import { AppError } from '../../errors.ts'
import type { ContentOutcomes } from '../datasets/contents.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import { pick } from '../evaluation/metric-row.ts'
import { quantile } from '../evaluation/quantile.ts'

/** Default threshold: the same quantile of all contents in the training part, so that it means something in any catalogue. */
export const catalogueThreshold = (values: ArrayLike<number>, train: Int32Array, share: number): number =>
  quantile(pick(values, train).sort(), share)

/** What counts as viral: more of `outcome` than the creator's own quantile in the training part, and than an absolute floor. */
export interface ViralityLabels {
  /** Rows of the contents that have a label, ascending. */
  readonly rows: Int32Array
  /** 1 or 0 for each of `rows`. */
  readonly actual: Float64Array
  readonly creators: number
}

/** Views of 7 days where most contents have them, else likes and comments. */
export function viralityOutcome(contents: ContentOutcomes): OutcomeName {
  const known = (name: OutcomeName): number =>
    contents.outcomes.get(name)!.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)
  return known('views_7d') >= known('reactions_7d') / 2 && known('views_7d') > 0 ? 'views_7d' : 'reactions_7d'
}

/**
 * Labels the contents of creators with enough contents in the training part.
 *
 * @param train    rows of the training part whose outcome was known when it ended: what the thresholds are taken from
 * @param minPosts fewest labelled contents of a creator in the training part
 * @param share    quantile, e.g. 0.95 (linear between order statistics)
 * @param floor    count that a viral content exceeds in any case
 * @throws AppError DATA_INSUFFICIENT when no creator has enough
 */
export function labelVirality(
  contents: ContentOutcomes,
  outcome: OutcomeName,
  train: Int32Array,
  options: { readonly minPosts: number; readonly share: number; readonly floor: number },
): ViralityLabels {
  const values = contents.outcomes.get(outcome)!
  const history = new Map<string, number[]>()
  for (const row of train) {
    const list = history.get(contents.creatorId[row]!)
    if (list === undefined) history.set(contents.creatorId[row]!, [values[row]!])
    else list.push(values[row]!)
  }
  const thresholds = new Map<string, number>()
  for (const [creator, list] of history) {
    if (list.length < options.minPosts) continue
    thresholds.set(
      creator,
      Math.max(
        options.floor,
        quantile(
          list.sort((a, b) => a - b),
          options.share,
        ),
      ),
    )
  }
  if (thresholds.size === 0) {
    const most = [...history.values()].reduce((max, list) => Math.max(max, list.length), 0)
    throw new AppError(
      'DATA_INSUFFICIENT',
      `No creator has ${options.minPosts} contents whose ${outcome} was known when the training part ended (the most is ${most}); import more, or lower minPosts with --set.`,
    )
  }
  const rows: number[] = []
  const actual: number[] = []
  for (let i = 0; i < contents.rowCount; i++) {
    const threshold = thresholds.get(contents.creatorId[i]!)
    if (threshold === undefined || Number.isNaN(values[i]!)) continue
    rows.push(i)
    actual.push(values[i]! > threshold ? 1 : 0)
  }
  return { rows: Int32Array.from(rows), actual: Float64Array.from(actual), creators: thresholds.size }
}
