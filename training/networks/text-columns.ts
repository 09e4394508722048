import type { TextEncoder } from '../../features/transforms/text-encoder.ts'
import { besideEachOther } from '../datasets/content-table.ts'
import type { TabularColumns } from '../datasets/tabular-columns.ts'
import { predictLinear } from '../estimators/design.ts'
import { fitLogistic, sigmoid } from '../estimators/logistic.ts'
import { fitRidge } from '../estimators/ridge.ts'
import { fitTextEncoder, type TextEncoderOptions } from './fit-text-encoder.ts'
import { prepareTable } from './tabular-model.ts'

/** Of the linear model whose residual the texts explain; strong, as it is only to take away what is obvious. */
const penalty = 100

export interface TextColumns<T> {
  /** The table with the numbers of its texts behind its numeric features. */
  readonly table: T
  readonly encoder: TextEncoder
}

/**
 * Makes texts numeric features: see `TextEncoder`. They explain what a linear model of the other features leaves over.
 *
 * @param texts  `[fields][rowCount]`, `''` = unknown
 * @param target `[rowCount]`: values of deviation 1, or 1 and 0 of a class; NaN = unknown
 */
export async function withTextColumns<T extends TabularColumns>(
  table: T,
  texts: readonly (readonly string[])[],
  kind: 'regression' | 'classification',
  target: ArrayLike<number>,
  train: Int32Array,
  options: TextEncoderOptions,
): Promise<TextColumns<T>> {
  const { design } = prepareTable(table, train, 1)
  const linear =
    kind === 'regression'
      ? predictLinear(fitRidge(design, train, target, penalty), design)
      : predictLinear(await fitLogistic(design, train, target, penalty), design).map(sigmoid)
  const residual = linear.map((value, row) => target[row]! - value)
  const { encoder, encoded } = await fitTextEncoder(texts, residual, train, options)
  const numeric = besideEachOther(table.rowCount, [table.numeric, table.featureCount], [encoded, encoder.width])
  return { table: { ...table, numeric, featureCount: table.featureCount + encoder.width }, encoder }
}
