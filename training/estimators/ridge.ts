import { rmse } from '../evaluation/regression.ts'
import { type Design, type LinearModel, normalEquations, predictLinear } from './design.ts'
import { solvePositiveDefinite } from './linear-solve.ts'

/**
 * Ridge regression by its normal equations; the intercept is not penalised.
 *
 * w = (XᵀX + λI)⁻¹ Xᵀy   (Hoerl & Kennard 1970)
 *
 * @param rows   indices into the design of the training rows
 * @param target value of every row of the design, `[rowCount]`; rows with NaN are left out
 * @param lambda ≥ 0, in units of rows: a column of unit variance keeps n/(n + λ) of its weight
 */
export function fitRidge(design: Design, rows: Int32Array, target: ArrayLike<number>, lambda: number): LinearModel {
  const known = rows.filter((row) => !Number.isNaN(target[row]!))
  const { gram, product } = normalEquations(
    design,
    known,
    Float64Array.from(known, (row) => target[row]!),
  )
  return solve(gram, product, lambda)
}

/**
 * Ridge regression with the penalty of the smallest error on the validation rows.
 *
 * @returns the model fitted on `train` alone, and its penalty
 */
export function fitRidgeByValidation(
  design: Design,
  train: Int32Array,
  valid: Int32Array,
  target: ArrayLike<number>,
  lambdas: readonly number[] = [1, 10, 100, 1000, 10_000],
): { readonly model: LinearModel; readonly lambda: number } {
  const known = train.filter((row) => !Number.isNaN(target[row]!))
  const judged = valid.filter((row) => !Number.isNaN(target[row]!))
  const { gram, product } = normalEquations(
    design,
    known,
    Float64Array.from(known, (row) => target[row]!),
  )
  let best: { readonly model: LinearModel; readonly lambda: number } | undefined
  let bestError = Number.POSITIVE_INFINITY
  for (const lambda of lambdas) {
    const model = solve(gram.slice(), product.slice(), lambda)
    const prediction = predictLinear(model, rowsOf(design, judged))
    const error = rmse(
      prediction,
      Float64Array.from(judged, (row) => target[row]!),
    )
    if (best === undefined || error < bestError) {
      best = { model, lambda }
      bestError = error
    }
  }
  return best!
}

/** The given rows of a design as a design of their own. */
export function rowsOf(design: Design, rows: Int32Array): Design {
  const values = new Float32Array(rows.length * design.width)
  rows.forEach((row, i) => {
    values.set(design.values.subarray(row * design.width, (row + 1) * design.width), i * design.width)
  })
  return { values, width: design.width }
}

function solve(gram: Float64Array, product: Float64Array, lambda: number): LinearModel {
  const size = product.length
  // A trace of penalty keeps columns that repeat each other solvable when λ is 0.
  for (let j = 1; j < size; j++) gram[j * size + j]! += lambda + 1e-6
  gram[0]! += 1e-9
  const solution = solvePositiveDefinite(gram, product)
  return { intercept: solution[0]!, weights: solution.subarray(1) }
}
