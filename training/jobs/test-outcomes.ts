import { pick } from '../evaluation/metric-row.ts'
import type { Foretold } from './foretell.ts'

/** What came and what was foretold of the test contents of one target, as it is learned; only contents whose outcome is known. */
export interface TestOutcome extends Omit<Foretold, 'prediction'> {
  readonly actual: Float64Array
  readonly model: Float64Array
  /** With `ridge`; those that exist for the target. */
  readonly baselines: Readonly<Record<string, Float64Array>>
}

/**
 * Brings predictions of the test part together, at one moment.
 *
 * @param from.contents    contents of the test part
 * @param from.actual      `[T][all contents]`, as is creatorMean
 * @param from.foretold    `[T][test contents]`, as is ridge
 * @param from.trainMean   `[T]`
 * @param from.meanGrowth  `[T][test contents]`: ln(1 + early count) and what it grows on average; NaN where there is none
 */
export function testOutcomes(from: {
  readonly contents: Int32Array
  readonly actual: readonly Float64Array[]
  readonly foretold: readonly Foretold[]
  readonly ridge: readonly Float64Array[]
  readonly creatorMean: readonly Float64Array[]
  readonly trainMean: readonly number[]
  readonly meanGrowth: readonly Float64Array[]
}): readonly TestOutcome[] {
  return from.foretold.map(({ prediction, interval, uniform, sigma }, t) => {
    const all = pick(from.actual[t]!, from.contents)
    const known = Int32Array.from(all.keys()).filter((i) => !Number.isNaN(all[i]!))
    const mean = from.trainMean[t]!
    const history = pick(pick(from.creatorMean[t]!, from.contents), known)
    const growth = pick(from.meanGrowth[t]!, known)
    const ends = ({ lower, upper }: typeof interval) => ({ lower: pick(lower, known), upper: pick(upper, known) })
    return {
      actual: pick(all, known),
      model: pick(prediction, known),
      interval: ends(interval),
      uniform: ends(uniform),
      sigma: pick(sigma, known),
      baselines: {
        'creator mean': history.map((value) => (Number.isNaN(value) ? mean : value)),
        ridge: pick(from.ridge[t]!, known),
        'global mean': new Float64Array(known.length).fill(mean),
        ...(growth.some((value) => !Number.isNaN(value)) && {
          'mean growth': growth.map((value) => (Number.isNaN(value) ? mean : value)),
        }),
      },
    }
  })
}
