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
  /** Items that each position is told apart from. */
  readonly candidates: number
  /** Whether they are a sample; else they are all that anybody had, each once. */
  readonly sampled: boolean
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
function queryShapes(shape: TwoTowerShape): Named<readonly number[]> {
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
  { windows, candidates, sampled }: TwoTowerBatch,
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
      ...(sampled ? { offsets: float(positions, candidates) } : { columns: int(positions, 1) }),
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
  encode(ops, p, inputs, length) {
    const windows = windowsOf(ops.shapeOf(inputs.inputs!), length)
    const vectors = ops.reshape(ops.rows(p.items!, inputs.inputs!), [windows, length, shape.embeddingSize])
    const history = ops.constant(Int32Array.of(0), [1, 1, 1])
    const bags = decays.map((decay) => {
      const isHistory = [ops.reshape(inputs.sequences!, [windows, 1, length]), history] as const
      const weights = Float32Array.from({ length }, (_, at) => decay ** (length - 1 - at))
      return ops.matMul(whereSame(ops, ...isHistory, weights, [1, 1, length]), vectors)
    })
    return queryTower(ops, p, bags, [windows, shape.embeddingSize], inputs)
  },
})

/**
 * What each position of the batch expects next. Each reads a bag of the positions up to it in its sequence: the target, which comes after
 * them, is never in it.
 *
 * @param vectors `[positions, embeddingSize]` of the items at the positions
 */
function encodeAll<T>(ops: Ops<T>, p: Named<T>, vectors: T, inputs: Named<T>, shape: TwoTowerShape): T {
  const { embeddingSize: d, windowLength: L } = shape
  const positions = ops.shapeOf(vectors)[0]!
  const windows = positions / L
  const x = ops.reshape(ops.multiply(vectors, inputs.drop_items!), [windows, L, d])
  const bags = decays.map((decay) => {
    const isSame = [
      ops.reshape(inputs.sequences!, [windows, L, 1]),
      ops.reshape(inputs.sequences!, [windows, 1, L]),
    ] as const
    const weights = Float32Array.from({ length: L * L }, (_, at) => {
      const distance = Math.floor(at / L) - (at % L)
      return distance < 0 ? 0 : decay ** distance
    })
    return ops.matMul(whereSame(ops, ...isSame, weights, [1, L, L]), x)
  })
  return queryTower(ops, p, bags, [positions, d], inputs)
}

const whereSame = <T>(ops: Ops<T>, a: T, b: T, weights: Float32Array, shape: readonly number[]): T =>
  ops.whereEqual(a, b, ops.constant(weights, shape), ops.constant(Float32Array.of(0), [1, 1, 1]))

/**
 * h = norm(Σ_s b_s + relu(Σ_s b_s·W_s + c)·W), b_s = norm(Σ_k decay_s^(k−1)·v(k-th last)): bags of the history that forget at several
 * speeds, and a hidden layer over them.
 *
 * @param sums  of each bag, in any shape
 * @param shape `[n, embeddingSize]`
 * @returns of this shape
 */
function queryTower<T>(ops: Ops<T>, p: Named<T>, sums: readonly T[], shape: readonly number[], inputs: Named<T>): T {
  const bags = sums.map((sum, i) => ops.layerNorm(ops.reshape(sum, shape), p[`${i}_bag_gain`]!, p[`${i}_bag_bias`]!))
  const total = (terms: readonly T[]): T => terms.reduce((all, term) => ops.add(all, term))
  const wide = total(bags.map((bag, i) => ops.matMul(bag, p[`${i}_widen`]!)))
  const hidden = ops.relu(ops.add(wide, p.widen_bias!))
  const thinned = inputs.drop_hidden === undefined ? hidden : ops.multiply(hidden, inputs.drop_hidden)
  const narrow = ops.add(ops.matMul(thinned, p.narrow!), p.narrow_bias!)
  return ops.layerNorm(total([...bags, narrow]), p.final_gain!, p.final_bias!)
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
 * offsets; over all items that anybody had, where those are the candidates.
 */
export function twoTowerLoss<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, shape: TwoTowerShape): T {
  const tower = (indices: T, keep?: T): T => candidateTower(ops, p, inputs, indices, keep)
  const h = encodeAll(ops, p, tower(inputs.inputs!), inputs, shape)
  const targets = tower(inputs.targets!, inputs.keep_targets)
  const candidates = tower(inputs.candidates!, inputs.keep_candidates)
  if (inputs.offsets !== undefined) {
    return ops.sampledSoftmaxLoss(h, targets, candidates, inputs.offsets, inputs.weights!)
  }
  return ops.fullSoftmaxLoss(h, targets, candidates, inputs.columns!, inputs.weights!)
}
