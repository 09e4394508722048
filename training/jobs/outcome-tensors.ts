import { AppError } from '../../errors.ts'
import type { TabularFeatures } from '../../models/payloads/tabular.ts'
import type { Tensor, Tensors } from '../../models/scorer.ts'
import type { OutcomeName } from '../datasets/outcome-names.ts'
import { firstColumn } from './first-column.ts'
import type { Foretold } from './foretell.ts'
import { isCount } from './outcome-targets.ts'

/**
 * What the exported graph makes of the network's output: counts or shares, and the ends of their intervals, row-major `[rows, T]`.
 *
 * @param foretold of every target, ln(1 + count) or the share
 * @param counts   which targets are counts
 */
export function outcomeTensors(foretold: readonly Foretold[], counts: readonly boolean[]): Tensors {
  const width = foretold.length
  const rows = foretold[0]!.prediction.length
  const values = (of: (target: Foretold) => ArrayLike<number>) => ({
    shape: [rows, width],
    data: Float32Array.from({ length: rows * width }, (_, at) => {
      const t = at % width
      const value = of(foretold[t]!)[Math.floor(at / width)]!
      return Math.max(0, counts[t] ? Math.expm1(value) : value)
    }),
  })
  return {
    prediction: values(({ prediction }) => prediction),
    lower: values(({ interval }) => interval.lower),
    upper: values(({ interval }) => interval.upper),
  }
}

/** ln(1 + count) of the first target of `prediction`, which is the headline; `[rows]`. */
export const headlineLogs = (prediction: Tensor): Float64Array => firstColumn(prediction).map(Math.log1p)

/** What another model of the kind predicts for the headline, as it is learned. */
export function headlineOf({ prediction }: Tensors, { targets }: TabularFeatures, headline: OutcomeName): Float64Array {
  const column = targets.findIndex(({ name }) => name === headline)
  if (column < 0) {
    throw new AppError(
      'ARTIFACT_INVALID',
      `The other model does not predict ${headline}, only ${targets.map((t) => t.name).join(', ')}.`,
    )
  }
  const { data } = prediction!
  return Float64Array.from({ length: data.length / targets.length }, (_, i) => {
    const value = data[i * targets.length + column]!
    return isCount(headline) ? Math.log1p(value) : value
  })
}
