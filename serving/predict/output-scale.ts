import type { Tensors } from '../../models/scorer.ts'

/** Where the parts of a prediction add up, and how such a part reads. */
export interface OutputScale {
  /** Name of the network's output. */
  readonly output: 'prediction' | 'probability'
  /** A value of the output on the scale where its parts add up. */
  readonly toSum: (value: number) => number
  readonly fromSum: (sum: number) => number
  /** A difference on that scale as people read it. */
  readonly shown: (difference: number) => Effect
}

/** By how much something moves a prediction: the factor of (1 + count), or percentage points of a probability. */
export type Effect = { readonly factor: number } | { readonly points: number }

/** Counts are products of what drives them: they add up in ln(1 + count), on which the models are trained. */
const counts: OutputScale = {
  output: 'prediction',
  toSum: Math.log1p,
  fromSum: Math.expm1,
  shown: (difference) => ({ factor: Math.exp(difference) }),
}

/** Probabilities add up as they are: log odds would, too, but nobody reads them. */
const probabilities: OutputScale = {
  output: 'probability',
  toSum: (value) => value,
  fromSum: (sum) => sum,
  shown: (difference) => ({ points: 100 * difference }),
}

/** The scale of a tabular model, known by what its network gives. */
export const outputScale = (outputs: Tensors): OutputScale => ('probability' in outputs ? probabilities : counts)
