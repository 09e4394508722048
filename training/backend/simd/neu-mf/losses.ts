// Losses of a block of scores, and their gradients.

import { exponential } from '../row-arithmetic'

/** Scores are replaced by gradients of the mean over `positives`. @returns Σ −log(share of the positive) */
export function softmaxGradients(scoresAt: usize, groups: i32, groupSize: i32, positives: i32): f64 {
  const size = <usize>groupSize << 2
  const end = scoresAt + <usize>groups * size
  let loss: f64 = 0
  for (let groupAt = scoresAt; groupAt < end; groupAt += size) {
    let greatest: f32 = -Infinity
    for (let k: usize = 0; k < size; k += 4) {
      const score = load<f32>(groupAt + k)
      // A NaN must not be passed over.
      if (!(score <= greatest)) greatest = score
    }
    for (let k: usize = 0; k < size; k += 4) store<f32>(groupAt + k, load<f32>(groupAt + k) - greatest)
    loss -= load<f32>(groupAt)
  }
  for (let at = scoresAt; at < end; at += 16) v128.store(at, exponential(v128.load(at)))
  const perPositive: f32 = 1 / <f32>positives
  for (let groupAt = scoresAt; groupAt < end; groupAt += size) {
    let sum: f32 = 0
    for (let k: usize = 0; k < size; k += 4) sum += load<f32>(groupAt + k)
    loss += Math.log(sum)
    const scale = perPositive / sum
    for (let k: usize = 0; k < size; k += 4) store<f32>(groupAt + k, load<f32>(groupAt + k) * scale)
    store<f32>(groupAt, load<f32>(groupAt) - perPositive)
  }
  return loss
}

/** Scores are replaced by gradients of the mean over `positives`. @returns Σ log(1 + e^s) − y·s */
export function crossEntropyGradients(scoresAt: usize, count: i32, groupSize: i32, positives: i32): f64 {
  const one = f32x4.splat(1)
  const scale = f32x4.splat(1 / <f32>positives)
  let loss: f64 = 0
  // Σ log(1 + e^−|s|) as the log of a product, whose factors are at most 2.
  let product: f64 = 1
  for (let i = 0; i < count; i += 4) {
    const at = scoresAt + (<usize>i << 2)
    const scores = v128.load(at)
    const e = exponential(f32x4.neg(f32x4.abs(scores)))
    const upper = f32x4.div(one, f32x4.add(one, e))
    const shares = v128.bitselect(upper, f32x4.mul(e, upper), f32x4.ge(scores, f32x4.splat(0)))
    for (let j = i; j < min(i + 4, count); j++) {
      const score = load<f32>(scoresAt + (<usize>j << 2))
      loss += max<f32>(score, 0) - (j % groupSize == 0 ? score : 0)
    }
    product *= 1 + <f64>f32x4.extract_lane(e, 0)
    if (i + 1 < count) product *= 1 + <f64>f32x4.extract_lane(e, 1)
    if (i + 2 < count) product *= 1 + <f64>f32x4.extract_lane(e, 2)
    if (i + 3 < count) product *= 1 + <f64>f32x4.extract_lane(e, 3)
    v128.store(at, f32x4.mul(shares, scale))
  }
  const perPositive: f32 = 1 / <f32>positives
  for (let i = 0; i < count; i += groupSize) {
    const at = scoresAt + (<usize>i << 2)
    store<f32>(at, load<f32>(at) - perPositive)
  }
  return loss + Math.log(product)
}
