import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { KnownValues } from '../datasets/known-outcomes.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'

/** Yes or no of every content; one output of the model. */
export interface ViralityQuestion {
  readonly target: TabularFeatures['targets'][number]
  /** What a yes means, in words. */
  readonly definition: string
  /** What became of those with a yes, e.g. `went viral`. */
  readonly event: string
  /** Stands before the moment in the names of metrics. */
  readonly label: string
  /** 1 or 0; `[contents]` */
  readonly actual: Float64Array
  readonly known: KnownValues
}

/** Begins the moments of its metrics, as in `AUC above the threshold after the first day`. */
export const thresholdLabel = 'above the threshold '

/** Whether a content exceeds what is usual for its creator; the headline. */
export function ownQuestion(
  actual: Float64Array,
  known: KnownValues,
  outcome: OutcomeName,
  { share, floor }: { readonly share: number; readonly floor: number },
): ViralityQuestion {
  const { quantity, days } = partsOfOutcome(outcome)
  const least = floor > 0 ? `, and more than ${floor}` : ''
  const definition = `more ${quantity} within ${days} days than ${Math.round(share * 100)} % of the creator’s own contents in the training part${least}`
  const target = { name: `viral_${days}d`, unit: 'probability', description: `the content gets ${definition}` }
  return { target, definition, event: 'went viral', label: '', actual, known }
}

/** Whether a content exceeds a count that is the same for all creators. */
export function thresholdQuestion(
  actual: Float64Array,
  known: KnownValues,
  outcome: OutcomeName,
  threshold: number,
): ViralityQuestion {
  const { quantity, days } = partsOfOutcome(outcome)
  const definition = `more than ${Math.round(threshold).toLocaleString('en-US')} ${quantity} within ${days} days`
  const target = {
    name: `above_threshold_${days}d`,
    unit: 'probability',
    description: `the content gets ${definition}`,
    threshold,
  }
  return { target, definition, event: 'exceeded the threshold', label: thresholdLabel, actual, known }
}
