import { pick } from '../evaluation/metric-row.ts'
import type { Foretold } from './foretell.ts'

/** What came and what was foretold of the test examples of one target, as it is learned; only those whose outcome is known. */
export interface TestOutcome extends Omit<Foretold, 'prediction'> {
  readonly actual: Float64Array
  readonly model: Float64Array
  /** With `ridge`; those that exist for the target. */
  readonly baselines: Readonly<Record<string, Float64Array>>
  /** Examples that are drawn together when intervals of metrics are estimated, where they hang together. */
  readonly groups: Float64Array | undefined
}

/**
 * Brings predictions of the test part together, at one moment.
 *
 * @param from.examples    those of the test part
 * @param from.actual      `[T][all examples]`
 * @param from.foretold    `[T][test examples]`, as is ridge
 * @param from.baselines   `[T][name][all examples]`; NaN stands for the mean of the training part
 * @param from.trainMean   `[T]`
 * @param from.meanGrowth  `[T][test examples]`: ln(1 + early count) and what it grows on average; NaN where there is none
 * @param from.groups      `[all examples]`
 */
export function testOutcomes(from: {
  readonly examples: Int32Array
  readonly actual: readonly Float64Array[]
  readonly foretold: readonly Foretold[]
  readonly ridge: readonly Float64Array[]
  readonly baselines: readonly Readonly<Record<string, Float64Array>>[]
  readonly trainMean: readonly number[]
  readonly meanGrowth: readonly Float64Array[]
  readonly groups?: ArrayLike<number> | undefined
}): readonly TestOutcome[] {
  return from.foretold.map(({ prediction, interval, uniform, sigma }, t) => {
    const all = pick(from.actual[t]!, from.examples)
    const known = Int32Array.from(all.keys()).filter((i) => !Number.isNaN(all[i]!))
    const mean = from.trainMean[t]!
    const orMean = (values: Float64Array): Float64Array => values.map((value) => (Number.isNaN(value) ? mean : value))
    const growth = pick(from.meanGrowth[t]!, known)
    const ends = ({ lower, upper }: typeof interval) => ({ lower: pick(lower, known), upper: pick(upper, known) })
    const baselines = Object.entries(from.baselines[t]!).map(
      ([name, values]) => [name, orMean(pick(pick(values, from.examples), known))] as const,
    )
    return {
      actual: pick(all, known),
      model: pick(prediction, known),
      interval: ends(interval),
      uniform: ends(uniform),
      sigma: pick(sigma, known),
      baselines: {
        ...Object.fromEntries(baselines),
        ridge: pick(from.ridge[t]!, known),
        ...(growth.some((value) => !Number.isNaN(value)) && { 'mean growth': orMean(growth) }),
      },
      groups: from.groups && pick(pick(from.groups, from.examples), known),
    }
  })
}
