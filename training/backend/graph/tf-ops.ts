import type { Tensor } from '@tensorflow/tfjs-core'
import type { TfBackend } from '../select-backend.ts'
import type { Ops } from './ops.ts'

/** The operators on TF.js: one call each, differentiated by its tape. The reference for `GraphOps`, and what scores one history at once. */
export function tfOps(tf: TfBackend['tf']): Ops<Tensor> {
  const products = (x: Tensor, y: Tensor): Tensor => tf.sum(tf.mul(x, y), -1, true)
  return {
    shapeOf: (x) => x.shape,
    constant: (values, shape) => tf.tensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32'),
    matMul: (a, b, { transposeA = false, transposeB = false } = {}) => tf.matMul(a, b, transposeA, transposeB),
    add: (a, b) => tf.add(a, b),
    multiply: (a, b) => tf.mul(a, b),
    scale: (x, factor) => tf.mul(x, factor),
    relu: (x) => tf.relu(x),
    softmax: (x) => tf.softmax(x),
    layerNorm(x, gain, bias) {
      const centred = tf.sub(x, tf.mean(x, -1, true))
      const variance = tf.mean(tf.square(centred), -1, true)
      return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), gain), bias)
    },
    reshape: (x, shape) => tf.reshape(x, [...shape]),
    transpose: (x, permutation) => tf.transpose(x, [...permutation]),
    split: (x, parts) => tf.split(x, parts, 0),
    sum: (x, axis) => tf.sum(x, axis, true),
    rows: (table, indices) => tf.gather(table, indices),
    whereEqual: (a, b, then, otherwise) => tf.where(tf.equal(a, b), then, otherwise),
    sampledSoftmaxLoss(x, targets, candidates, offsets, weights) {
      const logits = tf.add(tf.matMul(x, candidates, false, true), offsets)
      return tf.sum(tf.mul(weights, tf.softplus(tf.sub(tf.logSumExp(logits, -1, true), products(x, targets)))))
    },
    fullSoftmaxLoss(x, targets, candidates, _columns, weights) {
      const logits = tf.matMul(x, candidates, false, true)
      return tf.sum(tf.mul(weights, tf.sub(tf.logSumExp(logits, -1, true), products(x, targets))))
    },
  }
}
