// Neural matrix factorisation in AssemblyScript: a training step in four kernels, and scores of the whole catalogue in two.
// `npm run build:simd` compiles it into neu-mf.wasm, which is committed. What is computed is written down in training/networks/neu-mf.ts.
//
// The first layer is split, [a_u ; b_i]·W = a_u·W_user + b_i·W_item, and each half is computed once for each user and item of a batch, not
// for each pair; their gradients are summed over the pairs before they are multiplied. Work is cut into a fixed number of shards, each of
// which has gradients of its own for the small dense weights, summed in order: the result does not depend on how many workers there are.

import {
  adamRow, adamScalar, addOuterProducts, addRow, addScaledRow, dotRows, exponential, MASK, multiplyElements, multiplyRows, PLAIN,
  positivePart, RELU,
} from './rows'

/** Where the weights are. Widths are multiples of 8; a part that the variant lacks has width 0, and no layers. */
@unmanaged
class Network {
  gmf: i32
  mlp: i32
  /** Hidden layers, and i32 `[layers]` their widths. */
  layers: i32
  sizesAt: usize
  /** f32 `[users, gmf]`, `[items, gmf]`, `[users, mlp]`, `[items, mlp]`, `[items]` */
  userFactorsAt: usize
  itemFactorsAt: usize
  userInputsAt: usize
  itemInputsAt: usize
  itemBiasAt: usize
  /** f32: weight `[in, out]` and bias `[out]` of each layer, then the output weights of the MLP part, then those of the GMF part */
  denseAt: usize
  outputMlpAt: usize
  outputGmfAt: usize
}

/** State of the training that batches do not change, and room for what one kernel hands on to the next. */
@unmanaged
class Training {
  networkAt: usize
  /** First, then second moments of each array of weights. */
  userFactorMoments: usize
  userFactorSquares: usize
  itemFactorMoments: usize
  itemFactorSquares: usize
  userInputMoments: usize
  userInputSquares: usize
  itemInputMoments: usize
  itemInputSquares: usize
  itemBiasMoments: usize
  itemBiasSquares: usize
  denseMoments: usize
  denseSquares: usize
  /** Numbers of all dense weights together. */
  denseSize: i32
  /** The dense weights again, each matrix transposed. */
  transposedAt: usize
  shards: i32
  /** f32 `[shards, denseSize]`, f64 `[shards]` */
  shardGradientsAt: usize
  shardLossesAt: usize
  groupSize: i32
  /** 0: sampled softmax over the group; 1: cross-entropy of each pair */
  lossKind: i32
  /** Penalty ½·l2·‖row‖² for each pair that a row is in, per positive */
  l2: f32
  /** f32 `[unique users, first size]`, `[unique items, first size]`: halves of the first layer before ReLU */
  userHiddenAt: usize
  itemHiddenAt: usize
  /** f32 `[pairs, first size]`: the first layer, then its gradient before ReLU */
  pairHiddenAt: usize
  /** f32 `[pairs]` */
  scoreGradientsAt: usize
  /** f32 `[groups, gmf]`: outputGmf ⊙ p_u; and outputGmf ⊙ Σ g·q_i over the group */
  weightedAt: usize
  pullsAt: usize
  /** f32 `[groups, first size]`: gradient of the user's half of the first layer */
  groupHiddenAt: usize
  /** f32 `[groups]`, all 1 */
  onesAt: usize
}

/** The unique rows of one table in a batch, and where each is used: CSR. */
@unmanaged
class Rows {
  count: i32
  /** u32 `[count]`, `[count + 1]`, `[uses]`: row of the table; where its uses begin; pairs of an item, groups of a user */
  rowsAt: usize
  offsetsAt: usize
  usesAt: usize
  /** u32 `[uses]`: which of the unique rows */
  slotsAt: usize
}

@unmanaged
class Batch {
  /** Positives; pair p·groupSize + j is the j-th of group p, and j = 0 the positive. */
  groups: i32
  users: Rows
  items: Rows
  /** f64: where the loss goes, mean over positives */
  lossAt: usize
}

/** Pairs that go through the layers together: few enough for the first cache. */
const BLOCK: i32 = 64
const ROW_BYTES: i32 = 4

// @ts-ignore: decorator
@inline
function sizeOf(network: Network, layer: i32): i32 {
  return load<i32>(network.sizesAt + (<usize>layer << 2))
}

// @ts-ignore: decorator
@inline
function bytes(rows: i32, width: i32): usize {
  return <usize>rows * <usize>width * ROW_BYTES
}

/** The i-th of unique things, or the last where there are fewer. */
// @ts-ignore: decorator
@inline
function rowOf(rows: Rows, i: i32, end: i32): i32 {
  return load<i32>(rows.rowsAt + (<usize>min(i, end - 1) << 2))
}

// @ts-ignore: decorator
@inline
function rowAt(base: usize, i: i32, count: i32, width: i32): usize {
  return base + bytes(min(i, count - 1), width)
}

/** Share of `count` that begins with shard `shard`. */
// @ts-ignore: decorator
@inline
function shareFrom(count: i32, shard: i32, shards: i32): i32 {
  return <i32>((<i64>count * shard) / shards)
}

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

/** Second to last layer of `count` rows whose first layer is at `hiddenAt`; each layer at the end of the one before. @returns the last */
function forwardLayers(network: Network, count: i32, room: i32, hiddenAt: usize, layersAt: usize): usize {
  let inAt = hiddenAt
  let outAt = layersAt
  let weightAt = network.denseAt + bytes(2 * network.mlp + 1, sizeOf(network, 0))
  for (let layer = 1; layer < network.layers; layer++) {
    const inner = sizeOf(network, layer - 1)
    const width = sizeOf(network, layer)
    const biasAt = weightAt + bytes(inner, width)
    for (let i = 0; i < count; i += 4) {
      multiplyRows(
        rowAt(inAt, i, count, inner), rowAt(inAt, i + 1, count, inner), rowAt(inAt, i + 2, count, inner), rowAt(inAt, i + 3, count, inner),
        inner, weightAt, biasAt, width,
        rowAt(outAt, i, count, width), rowAt(outAt, i + 1, count, width), rowAt(outAt, i + 2, count, width), rowAt(outAt, i + 3, count, width),
        RELU,
      )
    }
    weightAt = biasAt + bytes(1, width)
    inAt = outAt
    outAt += bytes(room, width)
  }
  return inAt
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
  const gmf = network.gmf
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
  if (first != 0) lastAt = forwardLayers(network, count, room, hiddenAt, layersAt)
  const last = first == 0 ? 0 : sizeOf(network, network.layers - 1)

  for (let i = 0; i < count; i += 4) {
    const p0 = itemOf(batch, firstPair, i, count)
    const p1 = itemOf(batch, firstPair, i + 1, count)
    const p2 = itemOf(batch, firstPair, i + 2, count)
    const p3 = itemOf(batch, firstPair, i + 3, count)
    let scores = f32x4(biasOf(network, p0), biasOf(network, p1), biasOf(network, p2), biasOf(network, p3))
    if (first != 0) {
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
  if (gmf != 0) addFactorScores(training, batch, network, from, to, scoresAt)

  const loss =
    training.lossKind == 0
      ? softmaxGradients(scoresAt, to - from, groupSize, batch.groups)
      : crossEntropyGradients(scoresAt, count, groupSize, batch.groups)
  memory.copy(training.scoreGradientsAt + (<usize>firstPair << 2), scoresAt, <usize>count << 2)

  if (first != 0) backwardLayers(training, network, count, room, hiddenAt, layersAt, lastAt, scoresAt, zerosAt, spareAt, gradientAt)
  for (let group = from; group < to; group++) groupGradients(training, batch, network, group, gradientAt)
  return loss
}

function widestRow(network: Network): i32 {
  let widest = max(network.gmf, network.mlp)
  for (let layer = 0; layer < network.layers; layer++) widest = max(widest, sizeOf(network, layer))
  return widest
}

// @ts-ignore: decorator
@inline
function userOf(batch: Batch, group: i32): i32 {
  const slot = load<i32>(batch.users.slotsAt + (<usize>group << 2))
  return load<i32>(batch.users.rowsAt + (<usize>slot << 2))
}

/** Of the i-th pair after `firstPair`, or of the last of `count`. */
// @ts-ignore: decorator
@inline
function itemOf(batch: Batch, firstPair: i32, i: i32, count: i32): i32 {
  const slot = load<i32>(batch.items.slotsAt + (<usize>(firstPair + min(i, count - 1)) << 2))
  return load<i32>(batch.items.rowsAt + (<usize>slot << 2))
}

// @ts-ignore: decorator
@inline
function biasOf(network: Network, item: i32): f32 {
  return load<f32>(network.itemBiasAt + (<usize>item << 2))
}

/** out = max(0, x + y) */
// @ts-ignore: decorator
@inline
function addHalves(outAt: usize, xAt: usize, yAt: usize, size: i32): void {
  const end = <usize>size << 2
  for (let k: usize = 0; k < end; k += 16) {
    v128.store(outAt + k, positivePart(f32x4.add(v128.load(xAt + k), v128.load(yAt + k))))
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

/** Scores are replaced by gradients of the mean over `positives`. @returns Σ −log(share of the positive) */
function softmaxGradients(scoresAt: usize, groups: i32, groupSize: i32, positives: i32): f64 {
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
function crossEntropyGradients(scoresAt: usize, count: i32, groupSize: i32, positives: i32): f64 {
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

/** From the scores' gradients back to the first layer, whose gradient takes its place, as every layer's does. */
function backwardLayers(
  training: Training, network: Network, count: i32, room: i32, hiddenAt: usize, layersAt: usize, lastAt: usize, scoreGradientsAt: usize,
  zerosAt: usize, spareAt: usize, gradientAt: usize,
): void {
  const last = sizeOf(network, network.layers - 1)
  const outputGradientAt = gradientAt + (network.outputMlpAt - network.denseAt)
  for (let i = 0; i < count; i++) {
    const rowAt = lastAt + bytes(i, last)
    const g = load<f32>(scoreGradientsAt + (<usize>i << 2))
    addScaledRow(outputGradientAt, g, rowAt, last)
    throughOutput(rowAt, g, network.outputMlpAt, last)
  }
  let weightOffset = network.outputMlpAt - network.denseAt
  let outAt = lastAt
  for (let layer = network.layers - 1; layer > 0; layer--) {
    const inner = sizeOf(network, layer - 1)
    const width = sizeOf(network, layer)
    const inAt = layer == 1 ? hiddenAt : outAt - bytes(room, inner)
    const biasOffset = weightOffset - bytes(1, width)
    weightOffset = biasOffset - bytes(inner, width)
    for (let i = 0; i < count; i++) addRow(gradientAt + biasOffset, outAt + bytes(i, width), width)
    for (let i = 0; i < count; i += 4) {
      const in0 = inAt + bytes(i, inner)
      const in1 = rowAt(inAt, i + 1, count, inner)
      const in2 = rowAt(inAt, i + 2, count, inner)
      const in3 = rowAt(inAt, i + 3, count, inner)
      const d0 = outAt + bytes(i, width)
      const d1 = i + 1 < count ? outAt + bytes(i + 1, width) : zerosAt
      const d2 = i + 2 < count ? outAt + bytes(i + 2, width) : zerosAt
      const d3 = i + 3 < count ? outAt + bytes(i + 3, width) : zerosAt
      addOuterProducts(in0, in1, in2, in3, inner, d0, d1, d2, d3, width, gradientAt + weightOffset)
    }
    for (let i = 0; i < count; i += 4) backwardRows(training, inAt, outAt, i, count, inner, width, weightOffset, spareAt)
    outAt = inAt
  }
}

/** Four rows: the layer's input ← its gradient where the input is above 0. What there is less than four goes to the row for nobody. */
function backwardRows(
  training: Training, inAt: usize, outAt: usize, i: i32, count: i32, inner: i32, width: i32, weightOffset: usize, spareAt: usize,
): void {
  multiplyRows(
    rowAt(outAt, i, count, width), rowAt(outAt, i + 1, count, width), rowAt(outAt, i + 2, count, width), rowAt(outAt, i + 3, count, width),
    width, training.transposedAt + weightOffset, 0, inner,
    inAt + bytes(i, inner), i + 1 < count ? inAt + bytes(i + 1, inner) : spareAt, i + 2 < count ? inAt + bytes(i + 2, inner) : spareAt,
    i + 3 < count ? inAt + bytes(i + 3, inner) : spareAt, MASK,
  )
}

/** row ← g·outputMlp where row > 0, else 0 */
// @ts-ignore: decorator
@inline
function throughOutput(rowAt: usize, g: f32, outputAt: usize, size: i32): void {
  const end = <usize>size << 2
  const s = f32x4.splat(g)
  for (let k: usize = 0; k < end; k += 16) {
    const on = f32x4.gt(v128.load(rowAt + k), f32x4.splat(0))
    v128.store(rowAt + k, v128.and(f32x4.mul(s, v128.load(outputAt + k)), on))
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

/** Gradients of the rows of the tables, and Adam on these rows. */
export function neuMfRows(from: i32, to: i32, scratchAt: usize, trainingAt: usize, batchAt: usize, rate: f32): void {
  const training = changetype<Training>(trainingAt)
  const network = changetype<Network>(training.networkAt)
  const batch = changetype<Batch>(batchAt)
  const groupSize = training.groupSize
  const decay = training.l2 / <f32>batch.groups
  const first = network.layers == 0 ? 0 : sizeOf(network, 0)
  const lower = bytes(network.mlp, first)
  const weightGradientAt = training.shardGradientsAt
  for (let shard = from; shard < to; shard++) {
    const gradientAt = weightGradientAt + bytes(shard, training.denseSize)
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

/** The items' half of the first layer for items [from, to), which `neuMfScores` wants at `itemHiddenAt` f32 `[items, first size]`. */
export function neuMfProjectItems(from: i32, to: i32, scratchAt: usize, networkAt: usize, itemHiddenAt: usize): void {
  const network = changetype<Network>(networkAt)
  const mlp = network.mlp
  const first = sizeOf(network, 0)
  const weightAt = network.denseAt + bytes(mlp, first)
  for (let i = from; i < to; i += 4) {
    multiplyRows(
      rowAt(network.itemInputsAt, i, to, mlp), rowAt(network.itemInputsAt, i + 1, to, mlp),
      rowAt(network.itemInputsAt, i + 2, to, mlp), rowAt(network.itemInputsAt, i + 3, to, mlp),
      mlp, weightAt, weightAt + bytes(mlp, first), first,
      rowAt(itemHiddenAt, i, to, first), rowAt(itemHiddenAt, i + 1, to, first),
      rowAt(itemHiddenAt, i + 2, to, first), rowAt(itemHiddenAt, i + 3, to, first), PLAIN,
    )
  }
}

/** Scores f32 `[users, items]` of all items for the users [from, to) whose factors and inputs stand in rows of their own. */
export function neuMfScores(
  from: i32, to: i32, scratchAt: usize, networkAt: usize, itemHiddenAt: usize, items: i32, factorsAt: usize, inputsAt: usize,
  scoresAt: usize,
): void {
  const network = changetype<Network>(networkAt)
  const gmf = network.gmf
  const first = network.layers == 0 ? 0 : sizeOf(network, 0)
  const last = first == 0 ? 0 : sizeOf(network, network.layers - 1)
  const weightedAt = scratchAt
  const userAt = weightedAt + bytes(1, gmf)
  const hiddenAt = userAt + bytes(1, first)
  const layersAt = hiddenAt + bytes(BLOCK, first)
  for (let user = from; user < to; user++) {
    multiplyElements(weightedAt, factorsAt + bytes(user, gmf), network.outputGmfAt, gmf)
    if (first != 0) {
      const x = inputsAt + bytes(user, network.mlp)
      multiplyRows(x, x, x, x, network.mlp, network.denseAt, 0, first, userAt, userAt, userAt, userAt, PLAIN)
    }
    const rowAtUser = scoresAt + bytes(user, items)
    for (let start = 0; start < items; start += BLOCK) {
      const count = min(BLOCK, items - start)
      let lastAt: usize = 0
      if (first != 0) {
        for (let i = 0; i < count; i++) {
          addHalves(hiddenAt + bytes(i, first), userAt, itemHiddenAt + bytes(start + i, first), first)
        }
        lastAt = forwardLayers(network, count, BLOCK, hiddenAt, layersAt)
      }
      for (let i = 0; i < count; i += 4) {
        let sums = f32x4.splat(0)
        if (gmf != 0) {
          const q = network.itemFactorsAt + bytes(start, gmf)
          sums = dotRows(weightedAt, rowAt(q, i, count, gmf), rowAt(q, i + 1, count, gmf), rowAt(q, i + 2, count, gmf), rowAt(q, i + 3, count, gmf), gmf)
        }
        if (first != 0) {
          sums = f32x4.add(
            sums,
            dotRows(
              network.outputMlpAt, rowAt(lastAt, i, count, last), rowAt(lastAt, i + 1, count, last), rowAt(lastAt, i + 2, count, last),
              rowAt(lastAt, i + 3, count, last), last,
            ),
          )
        }
        const out = rowAtUser + (<usize>(start + i) << 2)
        const bias = network.itemBiasAt + (<usize>(start + i) << 2)
        store<f32>(out, f32x4.extract_lane(sums, 0) + load<f32>(bias))
        if (i + 1 < count) store<f32>(out, f32x4.extract_lane(sums, 1) + load<f32>(bias, 4), 4)
        if (i + 2 < count) store<f32>(out, f32x4.extract_lane(sums, 2) + load<f32>(bias, 8), 8)
        if (i + 3 < count) store<f32>(out, f32x4.extract_lane(sums, 3) + load<f32>(bias, 12), 12)
      }
    }
  }
}
