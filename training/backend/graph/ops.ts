/**
 * The operators that a network is written in. A network is a function over these, so that one definition runs eagerly on TF.js
 * (`TfOps`), where the tape differentiates it, and compiled to one ONNX graph (`GraphOps`), which we differentiate as we build it.
 *
 * T is a tensor of the side that runs: float32 unless said otherwise, row-major, of a shape that is known when the network is built.
 */
export interface Ops<T> {
  shapeOf(x: T): readonly number[]
  /** A fixed tensor that nothing is learned from. */
  constant(values: Float32Array | Int32Array, shape: readonly number[]): T
  /** Product of the last two axes, batched over those before; both sides have equally many axes, or b has two. */
  matMul(a: T, b: T, options?: { readonly transposeA?: boolean; readonly transposeB?: boolean }): T
  /** a + b, with numpy's broadcasting. */
  add(a: T, b: T): T
  /** a ⊙ b, with numpy's broadcasting. */
  multiply(a: T, b: T): T
  scale(x: T, factor: number): T
  /** max(0, x) */
  relu(x: T): T
  /** Over the last axis. */
  softmax(x: T): T
  /** (x − mean) / √(variance + 1e-5) · gain + bias over the last axis (Ba et al. 2016); gain and bias `[last axis]`. */
  layerNorm(x: T, gain: T, bias: T): T
  reshape(x: T, shape: readonly number[]): T
  transpose(x: T, permutation: readonly number[]): T
  /** Equal parts along the first axis, each of which must be used where something is learned through them. */
  split(x: T, parts: number): readonly T[]
  /** Sum over one axis, which stays with length 1. */
  sum(x: T, axis: number): T
  /**
   * Rows of a table, `[rows, width]` → `[n, width]`. The gradient of a table of parameters stays sparse: one row for each index;
   * through rows of anything else none is passed on.
   *
   * @param indices int32 `[n]`
   */
  rows(table: T, indices: T): T
  /** Elementwise with broadcasting: a = b ? then : otherwise. a and b are int32; nothing is learned through `then` and `otherwise`. */
  whereEqual(a: T, b: T, then: T, otherwise: T): T
  /**
   * Cross-entropy of each row's target against candidates that all rows share, weighted:
   *
   *   Σ_i w_i · −log( e^{p_i} / (e^{p_i} + Σ_c e^{n_ic}) ),   p_i = x_iᵀt_i,   n_ic = x_iᵀv_c + offset_ic
   *
   * @param x          `[n, d]`
   * @param targets    `[n, d]`: the vector of each row's target
   * @param candidates `[candidates, d]`
   * @param offsets    broadcast to `[n, candidates]`; nothing is learned through them
   * @param weights    `[n, 1]`; they sum to 1 where the loss is to be a mean
   * @returns a scalar, shape `[]`
   */
  sampledSoftmaxLoss(x: T, targets: T, candidates: T, offsets: T, weights: T): T
  /**
   * The same where the target is one of the candidates: Σ_i w_i · −log( e^{p_i} / Σ_c e^{x_iᵀv_c} ).
   *
   * @param columns int32 `[n, 1]`: which candidate the target is
   */
  fullSoftmaxLoss(x: T, targets: T, candidates: T, columns: T, weights: T): T
}

export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

/** The shape of an elementwise result under numpy's broadcasting; shapes are taken to fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const ofA = a[axis - rank + a.length] ?? 1
    const ofB = b[axis - rank + b.length] ?? 1
    return ofA === 1 ? ofB : ofA
  })
}
