import { logLoss } from '../evaluation/classification.ts'
import { type Design, type LinearModel, normalEquations, predictLinear } from './design.ts'
import { solvePositiveDefinite } from './linear-solve.ts'
import { rowsOf } from './ridge.ts'

/** 1 / (1 + e⁻ᶻ) */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/**
 * Logistic regression with an L2 penalty by Newton's method (iteratively reweighted least squares); the intercept is free.
 *
 * minimises −Σ log likelihood + ½·l2·‖w‖²
 *
 * @param rows   indices into the design of the training rows
 * @param actual 1 or 0 of every row of the design, `[rowCount]`; rows with NaN are left out
 * @param l2     ≥ 0
 * @returns a model of the logit
 */
export function fitLogistic(design: Design, rows: Int32Array, actual: ArrayLike<number>, l2: number): LinearModel {
  const known = rows.filter((row) => !Number.isNaN(actual[row]!))
  const part = rowsOf(design, known)
  const all = Int32Array.from(known, (_, i) => i)
  const size = design.width + 1
  const rate = (known.reduce((sum, row) => sum + actual[row]!, 0) + 0.5) / (known.length + 1)
  let model: LinearModel = { intercept: Math.log(rate / (1 - rate)), weights: new Float64Array(design.width) }
  for (let round = 0; round < 25; round++) {
    const logit = predictLinear(model, part)
    const weight = logit.map((z) => Math.max(1e-6, sigmoid(z) * (1 - sigmoid(z))))
    // The working response of IRLS: where a least-squares step with these weights lands on Newton's.
    const response = logit.map((z, i) => z + (actual[known[i]!]! - sigmoid(z)) / weight[i]!)
    const { gram, product } = normalEquations(part, all, response, weight)
    for (let j = 1; j < size; j++) gram[j * size + j]! += l2 + 1e-6
    const solution = solvePositiveDefinite(gram, product)
    const change = Math.max(
      Math.abs(solution[0]! - model.intercept),
      ...Array.from(model.weights, (w, j) => Math.abs(w - solution[j + 1]!)),
    )
    model = { intercept: solution[0]!, weights: solution.slice(1) }
    if (change < 1e-6) break
  }
  return model
}

/** Logistic regression with the penalty of the smallest log loss on the validation rows; fitted on `train` alone. */
export function fitLogisticByValidation(
  design: Design,
  train: Int32Array,
  valid: Int32Array,
  actual: ArrayLike<number>,
  penalties: readonly number[] = [1, 10, 100, 1000],
): { readonly model: LinearModel; readonly l2: number } {
  const judged = valid.filter((row) => !Number.isNaN(actual[row]!))
  const outcome = Float64Array.from(judged, (row) => actual[row]!)
  const judgedRows = rowsOf(design, judged)
  let best: { readonly model: LinearModel; readonly l2: number } | undefined
  let bestLoss = Number.POSITIVE_INFINITY
  for (const l2 of penalties) {
    const model = fitLogistic(design, train, actual, l2)
    const loss = logLoss(predictLinear(model, judgedRows).map(sigmoid), outcome)
    if (best === undefined || loss < bestLoss) {
      best = { model, l2 }
      bestLoss = loss
    }
  }
  return best!
}
