// The second half of a training step of NeuMF: gradients and Adam of rows of the tables, then Adam of the dense weights.

import { adamRow, adamScalar, addOuterProducts, addRow, addScaledRow, multiplyRows, PLAIN } from '../row-arithmetic'
import { Batch, bytes, Network, rowOf, Rows, shareFrom, sizeOf, Training } from './memory'

/** Gradients of the rows of the tables, and Adam on these rows. */
export function neuMfRows(from: i32, to: i32, scratchAt: usize, trainingAt: usize, batchAt: usize, rate: f32): void {
  const training = changetype<Training>(trainingAt)
  const network = changetype<Network>(training.networkAt)
  const batch = changetype<Batch>(batchAt)
  const groupSize = training.groupSize
  const decay = training.l2 / <f32>batch.groups
  const first = network.layers == 0 ? 0 : sizeOf(network, 0)
  const lower = bytes(network.mlp, first)
  for (let shard = from; shard < to; shard++) {
    const gradientAt = training.shardGradientsAt + bytes(shard, training.denseSize)
    updateFactors(
      batch.users, shard, training.shards, network.gmf, network.userFactorsAt, training.userFactorMoments, training.userFactorSquares,
      training.onesAt, training.pullsAt, 1, decay * <f32>groupSize, rate, scratchAt,
    )
    updateFactors(
      batch.items, shard, training.shards, network.gmf, network.itemFactorsAt, training.itemFactorMoments, training.itemFactorSquares,
      training.scoreGradientsAt, training.weightedAt, groupSize, decay, rate, scratchAt,
    )
    if (first != 0) {
      updateInputs(
        batch.users, shard, training.shards, network.mlp, first, network.userInputsAt, training.userInputMoments,
        training.userInputSquares, training.groupHiddenAt, training.transposedAt, gradientAt, 0, decay * <f32>groupSize, rate, scratchAt,
      )
      updateInputs(
        batch.items, shard, training.shards, network.mlp, first, network.itemInputsAt, training.itemInputMoments,
        training.itemInputSquares, training.pairHiddenAt, training.transposedAt + lower, gradientAt + lower,
        gradientAt + 2 * lower, decay, rate, scratchAt,
      )
    }
    updateBiases(training, batch.items, network.itemBiasAt, shard, rate)
  }
}

/** Σ over a row's uses of weight·vector is the gradient of its factors. `perVector`: uses that share a vector. */
function updateFactors(
  rows: Rows, shard: i32, shards: i32, gmf: i32, tableAt: usize, momentsAt: usize, squaresAt: usize, weightsAt: usize,
  vectorsAt: usize, perVector: i32, decay: f32, rate: f32, scratchAt: usize,
): void {
  if (gmf == 0) return
  const end = shareFrom(rows.count, shard + 1, shards)
  for (let i = shareFrom(rows.count, shard, shards); i < end; i++) {
    memory.fill(scratchAt, 0, bytes(1, gmf))
    const first = load<i32>(rows.offsetsAt + (<usize>i << 2))
    const last = load<i32>(rows.offsetsAt + (<usize>i << 2), 4)
    for (let use = first; use < last; use++) {
      const index = load<i32>(rows.usesAt + (<usize>use << 2))
      addScaledRow(scratchAt, load<f32>(weightsAt + (<usize>index << 2)), vectorsAt + bytes(index / perVector, gmf), gmf)
    }
    const offset = bytes(rowOf(rows, i, end), gmf)
    adamRow(tableAt + offset, scratchAt, momentsAt + offset, squaresAt + offset, gmf, decay * <f32>(last - first), rate)
  }
}

/** D = Σ over a row's uses of the first layer's gradient; dW += xᵀ·D, dx = D·Wᵀ. `biasGradientAt`: 0 for none. */
function updateInputs(
  rows: Rows, shard: i32, shards: i32, mlp: i32, first: i32, tableAt: usize, momentsAt: usize, squaresAt: usize, hiddenAt: usize,
  transposedAt: usize, weightGradientAt: usize, biasGradientAt: usize, decay: f32, rate: f32, scratchAt: usize,
): void {
  const sumsAt = scratchAt
  const inputsAt = sumsAt + bytes(4, first)
  const end = shareFrom(rows.count, shard + 1, shards)
  for (let i = shareFrom(rows.count, shard, shards); i < end; i += 4) {
    const count = min(4, end - i)
    memory.fill(sumsAt, 0, bytes(4, first))
    for (let j = 0; j < count; j++) {
      const sumAt = sumsAt + bytes(j, first)
      const last = load<i32>(rows.offsetsAt + (<usize>(i + j) << 2), 4)
      for (let use = load<i32>(rows.offsetsAt + (<usize>(i + j) << 2)); use < last; use++) {
        addRow(sumAt, hiddenAt + bytes(load<i32>(rows.usesAt + (<usize>use << 2)), first), first)
      }
      if (biasGradientAt != 0) addRow(biasGradientAt, sumAt, first)
    }
    const s1 = sumsAt + bytes(1, first)
    const s2 = sumsAt + bytes(2, first)
    const s3 = sumsAt + bytes(3, first)
    // Rows that there are not have sums of 0.
    addOuterProducts(
      tableAt + bytes(rowOf(rows, i, end), mlp), tableAt + bytes(rowOf(rows, i + 1, end), mlp),
      tableAt + bytes(rowOf(rows, i + 2, end), mlp), tableAt + bytes(rowOf(rows, i + 3, end), mlp), mlp,
      sumsAt, s1, s2, s3, first, weightGradientAt,
    )
    multiplyRows(
      sumsAt, s1, s2, s3, first, transposedAt, 0, mlp,
      inputsAt, inputsAt + bytes(1, mlp), inputsAt + bytes(2, mlp), inputsAt + bytes(3, mlp), PLAIN,
    )
    for (let j = 0; j < count; j++) {
      const uses = load<i32>(rows.offsetsAt + (<usize>(i + j) << 2), 4) - load<i32>(rows.offsetsAt + (<usize>(i + j) << 2))
      const offset = bytes(rowOf(rows, i + j, end), mlp)
      adamRow(
        tableAt + offset, inputsAt + bytes(j, mlp), momentsAt + offset, squaresAt + offset, mlp, decay * <f32>uses, rate,
      )
    }
  }
}

function updateBiases(training: Training, rows: Rows, tableAt: usize, shard: i32, rate: f32): void {
  const end = shareFrom(rows.count, shard + 1, training.shards)
  for (let i = shareFrom(rows.count, shard, training.shards); i < end; i++) {
    let g: f32 = 0
    const last = load<i32>(rows.offsetsAt + (<usize>i << 2), 4)
    for (let use = load<i32>(rows.offsetsAt + (<usize>i << 2)); use < last; use++) {
      g += load<f32>(training.scoreGradientsAt + (<usize>load<i32>(rows.usesAt + (<usize>use << 2)) << 2))
    }
    const offset = <usize>rowOf(rows, i, end) << 2
    adamScalar(tableAt + offset, g, training.itemBiasMoments + offset, training.itemBiasSquares + offset, rate)
  }
}

/** Adam on the dense weights, whose gradients are those of the shards, summed in order; and the loss. One call. */
export function neuMfDense(from: i32, to: i32, scratchAt: usize, trainingAt: usize, batchAt: usize, rate: f32): void {
  const training = changetype<Training>(trainingAt)
  const network = changetype<Network>(training.networkAt)
  const batch = changetype<Batch>(batchAt)
  let loss: f64 = 0
  for (let shard = 0; shard < training.shards; shard++) {
    loss += load<f64>(training.shardLossesAt + (<usize>shard << 3))
    if (shard > 0) {
      addRow(training.shardGradientsAt, training.shardGradientsAt + bytes(shard, training.denseSize), training.denseSize)
    }
  }
  store<f64>(batch.lossAt, loss / <f64>batch.groups)
  adamRow(
    network.denseAt, training.shardGradientsAt, training.denseMoments, training.denseSquares, training.denseSize, 0, rate,
  )
  neuMfTranspose(0, 1, scratchAt, trainingAt)
}

/** Brings the transposed matrices up to date; both halves of the first are transposed by themselves. */
export function neuMfTranspose(from: i32, to: i32, scratchAt: usize, trainingAt: usize): void {
  const training = changetype<Training>(trainingAt)
  const network = changetype<Network>(training.networkAt)
  if (network.layers == 0) return
  const first = sizeOf(network, 0)
  const half = bytes(network.mlp, first)
  transposeMatrix(network.denseAt, training.transposedAt, network.mlp, first)
  transposeMatrix(network.denseAt + half, training.transposedAt + half, network.mlp, first)
  let offset: usize = 2 * half + bytes(1, first)
  for (let layer = 1; layer < network.layers; layer++) {
    const inner = sizeOf(network, layer - 1)
    const width = sizeOf(network, layer)
    transposeMatrix(network.denseAt + offset, training.transposedAt + offset, inner, width)
    offset += bytes(inner + 1, width)
  }
}

function transposeMatrix(fromAt: usize, toAt: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      store<f32>(toAt + bytes(column * rows + row, 1), load<f32>(fromAt + bytes(row * columns + column, 1)))
    }
  }
}
