import type { Parameters } from './tabular-network.ts'

/** State of AdamW (Loshchilov & Hutter 2019, algorithm 2) for each trained weight, in typed arrays. */
export interface OptimiserState {
  step: number
  readonly first: ReadonlyMap<string, Float32Array>
  readonly second: ReadonlyMap<string, Float32Array>
}

export function createOptimiser(parameters: Parameters, names: readonly string[]): OptimiserState {
  const zeros = (): Map<string, Float32Array> =>
    new Map(names.map((name) => [name, new Float32Array(parameters.get(name)!.data.length)]))
  return { step: 0, first: zeros(), second: zeros() }
}

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/**
 * One step in place.
 *
 * @param gradients by name, same length as the weight
 * @param decay     decoupled weight decay per step relative to the learning rate; vectors named `b…` without a table are spared
 */
export function optimise(
  state: OptimiserState,
  parameters: Parameters,
  gradients: ReadonlyMap<string, Float32Array>,
  learningRate: number,
  decay: number,
): void {
  state.step++
  const rate = (learningRate * Math.sqrt(1 - beta2 ** state.step)) / (1 - beta1 ** state.step)
  for (const [name, gradient] of gradients) {
    const weight = parameters.get(name)!.data
    const first = state.first.get(name)!
    const second = state.second.get(name)!
    // Layer biases carry no complexity; every matrix and table does.
    const shrink = parameters.get(name)!.shape.length > 1 ? 1 - learningRate * decay : 1
    for (let i = 0; i < weight.length; i++) {
      const g = gradient[i]!
      const m = beta1 * first[i]! + (1 - beta1) * g
      const v = beta2 * second[i]! + (1 - beta2) * g * g
      first[i] = m
      second[i] = v
      weight[i] = weight[i]! * shrink - (rate * m) / (Math.sqrt(v) + epsilon)
    }
  }
}
