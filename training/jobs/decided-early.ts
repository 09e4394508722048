import type { FeatureTable } from '../datasets/content-table.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import type { ViralityQuestion } from './virality-questions.ts'

/** Where the early count of the quantity exceeds a threshold, it is exceeded for good. */
export interface DecidedEarly {
  /** Numeric column of that early count. */
  readonly column: number
  /** Of each question; Infinity where it has none that is the same for all. */
  readonly thresholds: readonly number[]
}

/** What early counts decide; undefined where the quantity is not counted early. */
export function decidedEarly(
  questions: readonly ViralityQuestion[],
  outcome: OutcomeName,
  { numericFields }: Pick<FeatureTable, 'numericFields'>,
): DecidedEarly | undefined {
  const { quantity } = partsOfOutcome(outcome)
  const column = numericFields.findIndex(({ name, source }) => source === 'early' && name === quantity)
  const thresholds = questions.map(({ target }) => target.threshold ?? Number.POSITIVE_INFINITY)
  return column < 0 ? undefined : { column, thresholds }
}

/** The trainer's twin of what the graph does. */
export const isDecided = (
  decided: DecidedEarly | undefined,
  { numeric, featureCount }: Pick<FeatureTable, 'numeric' | 'featureCount'>,
  row: number,
  question: number,
): boolean =>
  decided !== undefined && numeric[row * featureCount + decided.column]! > Math.fround(decided.thresholds[question]!)
