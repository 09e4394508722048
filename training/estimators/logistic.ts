import { multiply } from '../backend/linear-algebra.ts'
import { logLoss } from '../evaluation/classification.ts'
import { type Design, type LinearModel, predictLinear } from './design.ts'
import { solvePositiveDefinite } from './linear-solve.ts'
import { rowsOf } from './ridge.ts'

/** 1 / (1 + e⁻ᶻ) */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

const mostRounds = 50

/**
 * Logistic regression with an L2 penalty by Newton's method; the intercept is free.
 *
 * minimises −Σ log likelihood + ½·l2·‖w‖²
 *
 * The gradient is summed in float64, so that it decides where the search ends; the curvature only how fast, and is a float32 product.
 *
 * @param rows   indices into the design of the training rows
 * @param actual 1 or 0 of every row of the design, `[rowCount]`; rows with NaN are left out
 * @param l2     ≥ 0
 * @param from   a model to start from, say that of another penalty
 * @returns a model of the logit
 */
export async function fitLogistic(
  design: Design,
  rows: Int32Array,
  actual: ArrayLike<number>,
  l2: number,
  from?: LinearModel,
): Promise<LinearModel> {
  const known = rows.filter((row) => !Number.isNaN(actual[row]!))
  const part = rowsOf(design, known)
  const outcome = Float64Array.from(known, (row) => actual[row]!)
  const rate = (outcome.reduce((sum, value) => sum + value, 0) + 0.5) / (known.length + 1)
  let model = from ?? { intercept: Math.log(rate / (1 - rate)), weights: new Float64Array(design.width) }
  let loss = penalisedLoss(model, part, outcome, l2)
  for (let round = 0; round < mostRounds; round++) {
    const step = await newtonStep(model, part, outcome, l2)
    // Far from the end a whole step may overshoot.
    let share = 1
    let next = moved(model, step, share)
    let nextLoss = penalisedLoss(next, part, outcome, l2)
    while (nextLoss > loss && share > 1e-3) {
      share /= 2
      next = moved(model, step, share)
      nextLoss = penalisedLoss(next, part, outcome, l2)
    }
    if (nextLoss > loss) break
    model = next
    loss = nextLoss
    if (share * step.reduce((most, change) => Math.max(most, Math.abs(change)), 0) < 1e-6) break
  }
  return model
}

const moved = ({ intercept, weights }: LinearModel, step: Float64Array, share: number): LinearModel => ({
  intercept: intercept + share * step[0]!,
  weights: weights.map((weight, j) => weight + share * step[j + 1]!),
})

function penalisedLoss(model: LinearModel, part: Design, outcome: Float64Array, l2: number): number {
  let sum = (l2 / 2) * model.weights.reduce((total, weight) => total + weight * weight, 0)
  predictLinear(model, part).forEach((z, i) => {
    sum += Math.max(z, 0) - z * outcome[i]! + Math.log1p(Math.exp(-Math.abs(z)))
  })
  return sum
}

/** The solution of (XᵀWX + l2·I)·step = Xᵀ(y − p) − l2·w, the intercept first. */
async function newtonStep(model: LinearModel, part: Design, outcome: Float64Array, l2: number): Promise<Float64Array> {
  const { values, width } = part
  const size = width + 1
  const gradient = Float64Array.of(0, ...model.weights.map((weight) => -l2 * weight))
  const weighted = new Float32Array(outcome.length * size)
  predictLinear(model, part).forEach((z, i) => {
    const p = sigmoid(z)
    const error = outcome[i]! - p
    const root = Math.sqrt(Math.max(1e-6, p * (1 - p)))
    const [row, to] = [i * width, i * size]
    gradient[0]! += error
    weighted[to] = root
    for (let j = 0; j < width; j++) {
      const x = values[row + j]!
      gradient[j + 1]! += error * x
      weighted[to + j + 1] = root * x
    }
  })
  const rows = { rows: outcome.length, columns: size, values: weighted }
  const curvature = Float64Array.from((await multiply(rows, rows, { transposeA: true })).values)
  // More than float32 rounds away, so that columns which explain each other stay solvable.
  const trace = 1e-6 * (1 + curvature.reduce((most, value) => Math.max(most, value), 0))
  for (let j = 0; j < size; j++) curvature[j * size + j]! += (j === 0 ? 0 : l2) + trace
  return solvePositiveDefinite(curvature, gradient)
}

/** Logistic regression with the penalty of the smallest log loss on the validation rows; fitted on `train` alone. */
export async function fitLogisticByValidation(
  design: Design,
  train: Int32Array,
  valid: Int32Array,
  actual: ArrayLike<number>,
  penalties: readonly number[] = [1, 10, 100, 1000],
): Promise<{ readonly model: LinearModel; readonly l2: number }> {
  const judged = valid.filter((row) => !Number.isNaN(actual[row]!))
  const outcome = Float64Array.from(judged, (row) => actual[row]!)
  const judgedRows = rowsOf(design, judged)
  let best: { readonly model: LinearModel; readonly l2: number } | undefined
  let bestLoss = Number.POSITIVE_INFINITY
  let model: LinearModel | undefined
  for (const l2 of penalties) {
    model = await fitLogistic(design, train, actual, l2, model)
    const loss = logLoss(predictLinear(model, judgedRows).map(sigmoid), outcome)
    if (best === undefined || loss < bestLoss) {
      best = { model, l2 }
      bestLoss = loss
    }
  }
  return best!
}
