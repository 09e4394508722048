// What the kernels of NeuMF find in memory: descriptions that training/backend/neu-mf/ writes field by field, and where things are in them.

/** Where the weights are. Widths are multiples of 8; a part that the variant lacks has width 0, and no layers. */
@unmanaged
export class Network {
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
export class Training {
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
export class Rows {
  count: i32
  /** u32 `[count]`, `[count + 1]`, `[uses]`: row of the table; where its uses begin; pairs of an item, groups of a user */
  rowsAt: usize
  offsetsAt: usize
  usesAt: usize
  /** u32 `[uses]`: which of the unique rows */
  slotsAt: usize
}

@unmanaged
export class Batch {
  /** Positives; pair p·groupSize + j is the j-th of group p, and j = 0 the positive. */
  groups: i32
  users: Rows
  items: Rows
  /** f64: where the loss goes, mean over positives */
  lossAt: usize
}

/** Pairs that go through the layers together: few enough for the first cache. */
export const BLOCK: i32 = 64
export const ROW_BYTES: i32 = 4

// @ts-ignore: decorator
@inline
export function sizeOf(network: Network, layer: i32): i32 {
  return load<i32>(network.sizesAt + (<usize>layer << 2))
}

// @ts-ignore: decorator
@inline
export function bytes(rows: i32, width: i32): usize {
  return <usize>rows * <usize>width * ROW_BYTES
}

/** The i-th of unique things, or the last where there are fewer. */
// @ts-ignore: decorator
@inline
export function rowOf(rows: Rows, i: i32, end: i32): i32 {
  return load<i32>(rows.rowsAt + (<usize>min(i, end - 1) << 2))
}

// @ts-ignore: decorator
@inline
export function rowAt(base: usize, i: i32, count: i32, width: i32): usize {
  return base + bytes(min(i, count - 1), width)
}

/** Share of `count` that begins with shard `shard`. */
// @ts-ignore: decorator
@inline
export function shareFrom(count: i32, shard: i32, shards: i32): i32 {
  return <i32>((<i64>count * shard) / shards)
}

export function widestRow(network: Network): i32 {
  let widest = max(network.gmf, network.mlp)
  for (let layer = 0; layer < network.layers; layer++) widest = max(widest, sizeOf(network, layer))
  return widest
}

// @ts-ignore: decorator
@inline
export function userOf(batch: Batch, group: i32): i32 {
  const slot = load<i32>(batch.users.slotsAt + (<usize>group << 2))
  return load<i32>(batch.users.rowsAt + (<usize>slot << 2))
}

/** Of the i-th pair after `firstPair`, or of the last of `count`. */
// @ts-ignore: decorator
@inline
export function itemOf(batch: Batch, firstPair: i32, i: i32, count: i32): i32 {
  const slot = load<i32>(batch.items.slotsAt + (<usize>(firstPair + min(i, count - 1)) << 2))
  return load<i32>(batch.items.rowsAt + (<usize>slot << 2))
}

// @ts-ignore: decorator
@inline
export function biasOf(network: Network, item: i32): f32 {
  return load<f32>(network.itemBiasAt + (<usize>item << 2))
}
