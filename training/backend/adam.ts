/** Adam (Kingma & Ba 2015, algorithm 1) with its usual constants; the learning rate may change from step to step. */
export interface AdamState {
  /** First and second moments, one per weight. */
  readonly m: Float32Array
  readonly v: Float32Array
}

export const createAdamState = (size: number): AdamState => ({ m: new Float32Array(size), v: new Float32Array(size) })

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** The learning rate with both moments' bias corrections folded in; `step` counts from 1. */
export const correctedRate = (learningRate: number, step: number): number =>
  (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step)

/**
 * Moves weights[from … to − 1] one step against the gradient, and sets that part of the gradient to 0.
 *
 * @param rate from `correctedRate`
 */
export function adamUpdate(
  weights: Float32Array,
  gradient: Float32Array,
  { m, v }: AdamState,
  rate: number,
  from = 0,
  to = weights.length,
): void {
  for (let i = from; i < to; i++) {
    const g = gradient[i]!
    gradient[i] = 0
    const first = beta1 * m[i]! + (1 - beta1) * g
    const second = beta2 * v[i]! + (1 - beta2) * g * g
    m[i] = first
    v[i] = second
    weights[i]! -= (rate * first) / (Math.sqrt(second) + epsilon)
  }
}
