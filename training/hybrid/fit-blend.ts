import { solvePositiveDefinite } from '../estimators/linear-solve.ts'

/** One user's candidates, and which of them was the right one. */
export interface BlendExample {
  /** `[candidates, width]` row-major */
  readonly features: Float32Array
  /** Row of the item that came. */
  readonly positive: number
  /** How much it counts, above 0. */
  readonly weight: number
}

const rounds = 30

/**
 * Weights under which the item that came is likeliest among the candidates: conditional logit (McFadden 1974), pulled towards weights that
 * are fair where little is known, by damped Newton steps.
 *
 * minimises −Σ weight·ln( exp(wᵀf₊) ÷ Σ_candidates exp(wᵀf) ) + ½·l2·‖w − fair‖²
 *
 * @param fair `[width]`: what comes out without examples
 * @param l2   above 0, in units of examples of weight 1
 * @returns `[width]`
 */
export function fitBlend(examples: readonly BlendExample[], fair: Float64Array, l2: number): Float64Array {
  let weights = fair
  let current = derivatives(examples, weights, fair, l2)
  for (let round = 0; round < rounds; round++) {
    const step = solvePositiveDefinite(current.hessian, current.gradient)
    let scale = 1
    let next = weights
    let found = current
    // Far from the optimum a full step may overshoot: halve it until the loss falls.
    for (; scale > 1e-4; scale /= 2) {
      next = weights.map((weight, j) => weight - scale * step[j]!)
      found = derivatives(examples, next, fair, l2)
      if (found.loss <= current.loss) break
    }
    const gained = current.loss - found.loss
    if (gained > 0) {
      weights = next
      current = found
    }
    if (gained <= 1e-7 * Math.abs(current.loss)) break
  }
  return weights
}

interface Derivatives {
  readonly loss: number
  readonly gradient: Float64Array
  /** `[width, width]` */
  readonly hessian: Float64Array
}

/** Gradient Σ weight·(E[f] − f₊) + l2·(w − fair) and Hessian Σ weight·Cov[f] + l2·I, expectations under the candidates' softmax. */
function derivatives(
  examples: readonly BlendExample[],
  weights: Float64Array,
  fair: Float64Array,
  l2: number,
): Derivatives {
  const width = weights.length
  const gradient = weights.map((weight, j) => l2 * (weight - fair[j]!))
  const hessian = new Float64Array(width * width)
  let loss = 0
  for (let j = 0; j < width; j++) {
    hessian[j * width + j] = l2
    loss += 0.5 * l2 * (weights[j]! - fair[j]!) ** 2
  }
  const mean = new Float64Array(width)
  for (const { features, positive, weight } of examples) {
    const shares = softmax(features, weights)
    loss -= weight * Math.log(Math.max(1e-300, shares[positive]!))
    mean.fill(0)
    for (const [row, share] of shares.entries()) {
      for (let j = 0; j < width; j++) {
        const weighted = share * features[row * width + j]!
        mean[j]! += weighted
        for (let i = 0; i <= j; i++) hessian[j * width + i]! += weight * weighted * features[row * width + i]!
      }
    }
    for (let j = 0; j < width; j++) {
      gradient[j]! += weight * (mean[j]! - features[positive * width + j]!)
      for (let i = 0; i <= j; i++) hessian[j * width + i]! -= weight * mean[j]! * mean[i]!
    }
  }
  for (let j = 0; j < width; j++) for (let i = 0; i < j; i++) hessian[i * width + j] = hessian[j * width + i]!
  return { loss, gradient, hessian }
}

function softmax(features: Float32Array, weights: Float64Array): Float64Array {
  const width = weights.length
  const shares = new Float64Array(features.length / width)
  let greatest = Number.NEGATIVE_INFINITY
  for (let row = 0; row < shares.length; row++) {
    let score = 0
    for (let j = 0; j < width; j++) score += weights[j]! * features[row * width + j]!
    shares[row] = score
    greatest = Math.max(greatest, score)
  }
  let sum = 0
  for (let row = 0; row < shares.length; row++) {
    shares[row] = Math.exp(shares[row]! - greatest)
    sum += shares[row]!
  }
  for (let row = 0; row < shares.length; row++) shares[row]! /= sum
  return shares
}
