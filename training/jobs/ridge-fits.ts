import { fitRidge, fitRidgeByCrossValidation, fitRidgeByValidation } from '../estimators/ridge.ts'
import { columnOf } from '../estimators/standard-scale.ts'
import type { PreparedTable, TabularModelInput } from '../networks/tabular-model.ts'

/**
 * The linear models of a regression: what the network starts from has its penalty from blocks of the rows that it learns from, the baseline has
 * it from the validation part, as the network has its epochs.
 *
 * @param train   rows in the order of time
 * @param targets `[rowCount, width]`
 * @returns `starts` of the training rows, with their residuals, and what fits both on other rows; `[width]`
 */
export function ridgeFits(
  { design }: Pick<PreparedTable, 'design'>,
  { train, valid }: { readonly train: Int32Array; readonly valid: Int32Array },
  targets: Float32Array,
  width: number,
) {
  const columns = Array.from({ length: width }, (_, t) => columnOf(targets, width, t))
  const lambdas = columns.map((target) => fitRidgeByValidation(design, train, valid, target).lambda)
  const starts = columns.map((target) => fitRidgeByCrossValidation(design, train, target))
  const fitStart: TabularModelInput['fitLinear'] = (target, rows, t) =>
    (rows === train ? starts[t]! : fitRidgeByCrossValidation(design, rows, target)).model
  const fitLinear: TabularModelInput['fitLinear'] = (target, rows, t) => fitRidge(design, rows, target, lambdas[t]!)
  return { starts, fitStart, fitLinear }
}
