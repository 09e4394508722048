// A training step of NeuMF in four kernels, in AssemblyScript; `npm run build:simd` compiles them into neu-mf.wasm, which is committed.
// What is computed is written down in training/networks/neu-mf.ts.
//
// The first layer is split, [a_u ; b_i]·W = a_u·W_user + b_i·W_item, and each half is computed once for each user and item of a batch, not
// for each pair; their gradients are summed over the pairs before they are multiplied. Work is cut into a fixed number of shards, each of
// which has gradients of its own for the small dense weights, summed in order: the result does not depend on how many workers there are.
//
// Here: the halves of the first layer, then scores, loss and gradients of pairs. tables.ts: gradients and Adam of the tables' rows, then
// Adam of the dense weights.

import { addRow, addScaledRow, dotRows, multiplyElements, multiplyRows, PLAIN } from '../row-arithmetic'
import { addHalves, backwardLayers, forwardLayers } from './layers'
import { crossEntropyGradients, softmaxGradients } from './losses'
import { Batch, biasOf, BLOCK, bytes, itemOf, Network, rowAt, rowOf, Rows, shareFrom, sizeOf, Training, userOf, widestRow } from './memory'

/** Halves of the first layer for the unique users and items of a batch. */
export function neuMfProject(from: i32, to: i32, scratchAt: usize, trainingAt: usize, batchAt: usize): void {
  const training = changetype<Training>(trainingAt)
  const network = changetype<Network>(training.networkAt)
  const batch = changetype<Batch>(batchAt)
  if (network.layers == 0) return
  const mlp = network.mlp
  const first = sizeOf(network, 0)
  const biasAt = network.denseAt + bytes(2 * mlp, first)
  for (let shard = from; shard < to; shard++) {
    projectRows(batch.users, network.userInputsAt, mlp, network.denseAt, 0, first, training.userHiddenAt, shard, training.shards)
    projectRows(
      batch.items, network.itemInputsAt, mlp, network.denseAt + bytes(mlp, first), biasAt, first, training.itemHiddenAt, shard,
      training.shards,
    )
  }
}

function projectRows(
  rows: Rows, tableAt: usize, mlp: i32, weightAt: usize, biasAt: usize, first: i32, outAt: usize, shard: i32, shards: i32,
): void {
  const end = shareFrom(rows.count, shard + 1, shards)
  for (let i = shareFrom(rows.count, shard, shards); i < end; i += 4) {
    multiplyRows(
      tableAt + bytes(rowOf(rows, i, end), mlp), tableAt + bytes(rowOf(rows, i + 1, end), mlp),
      tableAt + bytes(rowOf(rows, i + 2, end), mlp), tableAt + bytes(rowOf(rows, i + 3, end), mlp),
      mlp, weightAt, biasAt, first,
      rowAt(outAt, i, end, first), rowAt(outAt, i + 1, end, first), rowAt(outAt, i + 2, end, first), rowAt(outAt, i + 3, end, first),
      PLAIN,
    )
  }
}

/** Scores of the pairs of whole groups, their gradients, and the gradients of everything but tables and first layer. */
export function neuMfPairs(from: i32, to: i32, scratchAt: usize, trainingAt: usize, batchAt: usize): void {
  const training = changetype<Training>(trainingAt)
  const batch = changetype<Batch>(batchAt)
  const groupsPerBlock = max(1, BLOCK / training.groupSize)
  for (let shard = from; shard < to; shard++) {
    const gradientAt = training.shardGradientsAt + bytes(shard, training.denseSize)
    memory.fill(gradientAt, 0, bytes(1, training.denseSize))
    memory.fill(scratchAt, 0, bytes(1, widestRow(changetype<Network>(training.networkAt))))
    let loss: f64 = 0
    const end = shareFrom(batch.groups, shard + 1, training.shards)
    for (let group = shareFrom(batch.groups, shard, training.shards); group < end; group += groupsPerBlock) {
      loss += pairsOf(training, batch, group, min(group + groupsPerBlock, end), gradientAt, scratchAt)
    }
    store<f64>(training.shardLossesAt + (<usize>shard << 3), loss)
  }
}

/** Room for the rows of a block. */
// @ts-ignore: decorator
@inline
function roomOf(groupSize: i32): i32 {
  return max(1, BLOCK / groupSize) * groupSize
}

/** @returns the sum of the groups' losses */
function pairsOf(training: Training, batch: Batch, from: i32, to: i32, gradientAt: usize, scratchAt: usize): f64 {
  const network = changetype<Network>(training.networkAt)
  const groupSize = training.groupSize
  const count = (to - from) * groupSize
  const room = roomOf(groupSize)
  const firstPair = from * groupSize
  // Scratch: a row of zeros, a row for nobody, the scores, then the layers.
  const widest = widestRow(network)
  const zerosAt = scratchAt
  const spareAt = zerosAt + bytes(1, widest)
  const scoresAt = spareAt + bytes(1, widest)
  const layersAt = scoresAt + bytes(1, (room + 7) & ~3)
  const first = network.layers == 0 ? 0 : sizeOf(network, 0)
  const hiddenAt = training.pairHiddenAt + bytes(firstPair, first)
  let lastAt: usize = 0

  lookUpGroups(training, batch, network, from, to)
  if (first != 0) lastAt = forwardLayers(network, count, room, hiddenAt, layersAt)
  scoreBlock(batch, network, firstPair, count, lastAt, scoresAt)
  if (network.gmf != 0) addFactorScores(training, batch, network, from, to, scoresAt)

  const loss =
    training.lossKind == 0
      ? softmaxGradients(scoresAt, to - from, groupSize, batch.groups)
      : crossEntropyGradients(scoresAt, count, groupSize, batch.groups)
  memory.copy(training.scoreGradientsAt + (<usize>firstPair << 2), scoresAt, <usize>count << 2)

  if (first != 0) backwardLayers(training, network, count, room, hiddenAt, layersAt, lastAt, scoresAt, zerosAt, spareAt, gradientAt)
  for (let group = from; group < to; group++) groupGradients(training, batch, network, group, gradientAt)
  return loss
}

/** outputGmf ⊙ p_u of each group, and the first layer of each of its pairs. */
function lookUpGroups(training: Training, batch: Batch, network: Network, from: i32, to: i32): void {
  const gmf = network.gmf
  const groupSize = training.groupSize
  const first = network.layers == 0 ? 0 : sizeOf(network, 0)
  for (let group = from; group < to; group++) {
    multiplyElements(
      training.weightedAt + bytes(group, gmf), network.userFactorsAt + bytes(userOf(batch, group), gmf), network.outputGmfAt, gmf,
    )
    if (first == 0) continue
    const userAt = training.userHiddenAt + bytes(load<i32>(batch.users.slotsAt + (<usize>group << 2)), first)
    for (let pair = group * groupSize; pair < (group + 1) * groupSize; pair++) {
      const itemAt = training.itemHiddenAt + bytes(load<i32>(batch.items.slotsAt + (<usize>pair << 2)), first)
      addHalves(training.pairHiddenAt + bytes(pair, first), userAt, itemAt, first)
    }
  }
}

/** scores = bias_i + outputMlp·h_L; `lastAt` is of no account where there are no layers. */
function scoreBlock(batch: Batch, network: Network, firstPair: i32, count: i32, lastAt: usize, scoresAt: usize): void {
  const last = network.layers == 0 ? 0 : sizeOf(network, network.layers - 1)
  for (let i = 0; i < count; i += 4) {
    const p0 = itemOf(batch, firstPair, i, count)
    const p1 = itemOf(batch, firstPair, i + 1, count)
    const p2 = itemOf(batch, firstPair, i + 2, count)
    const p3 = itemOf(batch, firstPair, i + 3, count)
    let scores = f32x4(biasOf(network, p0), biasOf(network, p1), biasOf(network, p2), biasOf(network, p3))
    if (last != 0) {
      scores = f32x4.add(
        scores,
        dotRows(
          network.outputMlpAt, rowAt(lastAt, i, count, last), rowAt(lastAt, i + 1, count, last), rowAt(lastAt, i + 2, count, last),
          rowAt(lastAt, i + 3, count, last), last,
        ),
      )
    }
    v128.store(scoresAt + (<usize>i << 2), scores)
  }
}

/** scores += (outputGmf ⊙ p_u)·q_i */
function addFactorScores(training: Training, batch: Batch, network: Network, from: i32, to: i32, scoresAt: usize): void {
  const gmf = network.gmf
  const groupSize = training.groupSize
  for (let group = from; group < to; group++) {
    const userAt = training.weightedAt + bytes(group, gmf)
    const firstPair = group * groupSize
    const outAt = scoresAt + (<usize>((group - from) * groupSize) << 2)
    for (let j = 0; j < groupSize; j += 4) {
      const sums = dotRows(
        userAt, network.itemFactorsAt + bytes(itemOf(batch, firstPair, j, groupSize), gmf),
        network.itemFactorsAt + bytes(itemOf(batch, firstPair, j + 1, groupSize), gmf),
        network.itemFactorsAt + bytes(itemOf(batch, firstPair, j + 2, groupSize), gmf),
        network.itemFactorsAt + bytes(itemOf(batch, firstPair, j + 3, groupSize), gmf), gmf,
      )
      const at = outAt + (<usize>j << 2)
      if (j + 4 <= groupSize) v128.store(at, f32x4.add(v128.load(at), sums))
      else {
        store<f32>(at, load<f32>(at) + f32x4.extract_lane(sums, 0))
        if (j + 1 < groupSize) store<f32>(at, load<f32>(at, 4) + f32x4.extract_lane(sums, 1), 4)
        if (j + 2 < groupSize) store<f32>(at, load<f32>(at, 8) + f32x4.extract_lane(sums, 2), 8)
      }
    }
  }
}

/** What a group's user gets: the sum of its pairs' gradients in the first layer; and with t = Σ g·q_i, outputGmf ⊙ t. */
function groupGradients(training: Training, batch: Batch, network: Network, group: i32, gradientAt: usize): void {
  const groupSize = training.groupSize
  const gmf = network.gmf
  const firstPair = group * groupSize
  if (network.layers != 0) {
    const first = sizeOf(network, 0)
    const sumAt = training.groupHiddenAt + bytes(group, first)
    memory.fill(sumAt, 0, bytes(1, first))
    for (let j = 0; j < groupSize; j++) addRow(sumAt, training.pairHiddenAt + bytes(firstPair + j, first), first)
  }
  if (gmf == 0) return
  const pullAt = training.pullsAt + bytes(group, gmf)
  memory.fill(pullAt, 0, bytes(1, gmf))
  for (let j = 0; j < groupSize; j++) {
    const g = load<f32>(training.scoreGradientsAt + (<usize>(firstPair + j) << 2))
    addScaledRow(pullAt, g, network.itemFactorsAt + bytes(itemOf(batch, firstPair, j, groupSize), gmf), gmf)
  }
  // d outputGmf += p_u ⊙ t, then t ← outputGmf ⊙ t
  const userAt = network.userFactorsAt + bytes(userOf(batch, group), gmf)
  const outputGradientAt = gradientAt + (network.outputGmfAt - network.denseAt)
  for (let k: usize = 0; k < bytes(1, gmf); k += 16) {
    const product = f32x4.mul(v128.load(userAt + k), v128.load(pullAt + k))
    v128.store(outputGradientAt + k, f32x4.add(v128.load(outputGradientAt + k), product))
  }
  multiplyElements(pullAt, pullAt, network.outputGmfAt, gmf)
}
