import type { InputSpec, NetworkSpec } from '../backend/graph/compiled-step.ts'
import type { Ops } from '../backend/graph/ops.ts'
import { encoderInputs, type HistoryNetwork, type HistoryShape, windowsOf } from './history-network.ts'

/** The size of two towers. */
export interface TwoTowerShape extends HistoryShape {
  /** Hidden layer of the query tower. */
  readonly hiddenSize: number
}

/** What the candidate tower reads beside an item's own vector: `[items, width]` numbers that sum up its content; width 0 for none. */
export interface ContentShape {
  readonly contentSize: number
}

export interface TwoTowerBatch {
  readonly windows: number
  /** Items that each position is told apart from: a sample, or all items, each once. */
  readonly candidates: number
}

type Named<T> = Readonly<Record<string, T>>

/**
 * Weight of an item in each bag relative to the one after it: what the last items say, the last dozen, and all of the window. How much
 * each bag counts is learned, so that where the order says nothing, the bag of all decides.
 */
const decays = [0.6, 0.9, 1] as const

/** Names of the places where dropout acts, with the width of each. */
export const dropoutPlaces = ({ embeddingSize, hiddenSize }: TwoTowerShape): Readonly<Record<string, number>> => ({
  drop_items: embeddingSize,
  drop_hidden: hiddenSize,
})

/** Of what scoring needs: `items` are then the finished vectors of the candidate tower. */
export function queryShapes(shape: TwoTowerShape): Named<readonly number[]> {
  const { itemCount, embeddingSize: d, hiddenSize } = shape
  const bags = decays.map((_, bag) => [
    [`${bag}_bag_gain`, [d]],
    [`${bag}_bag_bias`, [d]],
    [`${bag}_widen`, [d, hiddenSize]],
  ])
  return {
    items: [itemCount, d],
    ...Object.fromEntries(bags.flat()),
    widen_bias: [hiddenSize],
    narrow: [hiddenSize, d],
    narrow_bias: [d],
    final_gain: [d],
    final_bias: [d],
  }
}

/** Of what is learned: `items` are then what each item has beside its content. */
export const parameterShapes = (shape: TwoTowerShape, { contentSize }: ContentShape): Named<readonly number[]> => ({
  ...queryShapes(shape),
  ...(contentSize > 0 && {
    content_widen: [contentSize, shape.embeddingSize],
    content_widen_bias: [shape.embeddingSize],
    content_narrow: [shape.embeddingSize, shape.embeddingSize],
  }),
})

export function trainingSpec(
  shape: TwoTowerShape,
  content: ContentShape,
  { windows, candidates }: TwoTowerBatch,
): NetworkSpec {
  const positions = windows * shape.windowLength
  const float = (...its: number[]): InputSpec => ({ dtype: 'float32', shape: its })
  const int = (...its: number[]): InputSpec => ({ dtype: 'int32', shape: its })
  const masks = Object.entries(dropoutPlaces(shape)).map(([place, width]) => [place, float(positions, width)])
  return {
    name: 'two_tower_training',
    parameters: parameterShapes(shape, content),
    inputs: {
      ...encoderInputs(shape, windows),
      targets: int(positions),
      weights: float(positions, 1),
      candidates: int(candidates),
      ...(candidates !== shape.itemCount && { offsets: float(positions, candidates) }),
      ...Object.fromEntries(masks),
      ...(content.contentSize > 0 && {
        content: float(shape.itemCount, content.contentSize),
        keep_targets: float(positions, 1),
        keep_candidates: float(candidates, 1),
      }),
    },
  }
}

/** The query tower; its item vectors are those of the candidate tower, finished. */
export const twoTowerNetwork = (shape: TwoTowerShape): HistoryNetwork<TwoTowerShape> => ({
  name: 'two-tower',
  shape,
  parameterShapes: queryShapes(shape),
  encode: (ops, p, inputs, length) =>
    queryTower(ops, p, ops.rows(p.items!, inputs.inputs!), inputs, { ...shape, windowLength: length }),
})

/**
 * h = norm(Σ_s b_s + relu(Σ_s b_s·W_s + c)·W), b_s = norm(Σ_k decay_s^(k−1)·v(k-th last)): bags of the history that forget at several
 * speeds, and a hidden layer over them.
 *
 * @param vectors `[positions, embeddingSize]` of the items at the positions
 * @returns `[positions, embeddingSize]`
 */
function queryTower<T>(ops: Ops<T>, p: Named<T>, vectors: T, inputs: Named<T>, shape: TwoTowerShape): T {
  const { embeddingSize: d, windowLength: L } = shape
  const positions = ops.shapeOf(inputs.sequences!)
  const windows = windowsOf(positions, L)
  const kept = inputs.drop_items === undefined ? vectors : ops.multiply(vectors, inputs.drop_items)
  const x = ops.reshape(kept, [windows, L, d])
  const bags = decays.map((decay, bag) => {
    const sums = ops.matMul(pastWeights(ops, inputs.sequences!, windows, L, decay), x)
    return ops.layerNorm(ops.reshape(sums, [positions[0]!, d]), p[`${bag}_bag_gain`]!, p[`${bag}_bag_bias`]!)
  })
  const total = (terms: readonly T[]): T => terms.reduce((sum, term) => ops.add(sum, term))
  const wide = total(bags.map((bag, i) => ops.matMul(bag, p[`${i}_widen`]!)))
  const hidden = ops.relu(ops.add(wide, p.widen_bias!))
  const thinned = inputs.drop_hidden === undefined ? hidden : ops.multiply(hidden, inputs.drop_hidden)
  const narrow = ops.add(ops.matMul(thinned, p.narrow!), p.narrow_bias!)
  return ops.layerNorm(total([...bags, narrow]), p.final_gain!, p.final_bias!)
}

/** `[windows, L, L]`: decay^(i − j) where position j is not after i and of the same sequence, else 0. */
function pastWeights<T>(ops: Ops<T>, sequences: T, windows: number, L: number, decay: number): T {
  const weights = Float32Array.from({ length: L * L }, (_, at) => {
    const distance = Math.floor(at / L) - (at % L)
    return distance < 0 ? 0 : decay ** distance
  })
  return ops.whereEqual(
    ops.reshape(sequences, [windows, L, 1]),
    ops.reshape(sequences, [windows, 1, L]),
    ops.constant(weights, [1, L, L]),
    ops.constant(Float32Array.of(0), [1, 1, 1]),
  )
}

/**
 * The candidate tower: v = keep·u_item + relu(c·A + a)·B with c the numbers of the item's content; u alone where there is no content.
 *
 * @param indices int32 `[n]`
 * @param keep    `[n, 1]`: 0 for an item that is known by its content alone; everything is kept when absent
 * @returns `[n, embeddingSize]`
 */
export function candidateTower<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, indices: T, keep?: T): T {
  const own = ops.rows(p.items!, indices)
  if (inputs.content === undefined) return own
  const wide = ops.add(ops.matMul(ops.rows(inputs.content, indices), p.content_widen!), p.content_widen_bias!)
  const fromContent = ops.matMul(ops.relu(wide), p.content_narrow!)
  return ops.add(keep === undefined ? own : ops.multiply(own, keep), fromContent)
}

/**
 * Softmax of the next item against candidates that all positions share (Yi et al. 2019), logit_c = h·v_c + offset_c; see `CandidateDraw` for the
 * offsets. Over all items where those are the candidates.
 */
export function twoTowerLoss<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, shape: TwoTowerShape): T {
  const tower = (indices: T, keep?: T): T => candidateTower(ops, p, inputs, indices, keep)
  const h = queryTower(ops, p, tower(inputs.inputs!), inputs, shape)
  const targets = tower(inputs.targets!, inputs.keep_targets)
  const candidates = tower(inputs.candidates!, inputs.keep_candidates)
  if (inputs.offsets !== undefined) {
    return ops.sampledSoftmaxLoss(h, targets, candidates, inputs.offsets, inputs.weights!)
  }
  const columns = ops.reshape(inputs.targets!, [ops.shapeOf(inputs.targets!)[0]!, 1])
  return ops.fullSoftmaxLoss(h, targets, candidates, columns, inputs.weights!)
}
