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

const blocks = 5

/**
 * Ridge regression on `rows` with the penalty that does best over five consecutive blocks of them, each predicted from the other four:
 * less of a lottery than one validation part, where that is small.
 *
 * @param rows in the order of time
 * @returns with `residuals`, target − prediction from the other four blocks: honest, as no row was predicted by what it taught; `[rowCount]`,
 *          NaN outside of `rows` and where the target is
 */
export function fitRidgeByCrossValidation(
  design: Design,
  rows: Int32Array,
  target: ArrayLike<number>,
  lambdas: readonly number[] = [3, 10, 30, 100, 300, 1000, 3000],
): { readonly model: LinearModel; readonly lambda: number; readonly residuals: Float64Array } {
  const known = rows.filter((row) => !Number.isNaN(target[row]!))
  const valuesOf = (part: Int32Array): Float64Array => Float64Array.from(part, (row) => target[row]!)
  const parts = Array.from({ length: blocks }, (_, b) =>
    known.subarray(Math.floor((b * known.length) / blocks), Math.floor(((b + 1) * known.length) / blocks)),
  )
  const equations = parts.map((part) => normalEquations(design, part, valuesOf(part)))
  const total = equations.reduce((sum, part) => combine(sum, part, 1))
  const held = parts.map((part) => rowsOf(design, part))
  let best = lambdas[0]!
  let least = Number.POSITIVE_INFINITY
  const residuals = new Float64Array(target.length).fill(Number.NaN)
  for (const lambda of lambdas) {
    const predictions = equations.map((part, b) => {
      const { gram, product } = combine(total, part, -1)
      return predictLinear(solve(gram, product, lambda), held[b]!)
    })
    const errors = parts.map((part, b) => {
      const error = rmse(predictions[b]!, valuesOf(part))
      return error * error * part.length
    })
    const error = errors.reduce((sum, value) => sum + (Number.isFinite(value) ? value : 0), 0)
    if (error < least) {
      least = error
      best = lambda
      for (const [b, part] of parts.entries()) {
        for (const [i, row] of part.entries()) residuals[row] = target[row]! - predictions[b]![i]!
      }
    }
  }
  return { model: solve(total.gram.slice(), total.product.slice(), best), lambda: best, residuals }
}

type Equations = ReturnType<typeof normalEquations>

const combine = (a: Equations, b: Equations, sign: 1 | -1): Equations => ({
  gram: a.gram.map((value, i) => value + sign * b.gram[i]!),
  product: a.product.map((value, i) => value + sign * b.product[i]!),
})

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
