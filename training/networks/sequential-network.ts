import type { InputSpec, NetworkSpec } from '../backend/graph/compiled-step.ts'
import type { Ops } from '../backend/graph/ops.ts'
import type { Random } from '../backend/random.ts'
import { encoderInputs, freshParameters, type HistoryNetwork, type HistoryShape, windowsOf } from './history-network.ts'
import type { Parameters } from './train-network.ts'

/** The size of a sequential network; `embeddingSize` is also the width of everything between the blocks. */
export interface SequentialShape extends HistoryShape {
  readonly blocks: number
  readonly heads: number
}

/** One batch: windows of one length, each position of which predicts the item after it. */
export interface SequentialBatch {
  readonly windows: number
  /** Items that each position is told apart from; shared by the whole batch. All items where they are as many. */
  readonly negatives: number
}

/** The hidden layer of a block is this many times as wide as its input. */
const widening = 4

/** Names of the places where dropout acts: the input, then two in each block. */
export const dropoutPlaces = ({ blocks }: SequentialShape): readonly string[] => [
  'drop_input',
  ...Array.from({ length: blocks }, (_, block) => [`drop_${block}_attention`, `drop_${block}_dense`]).flat(),
]

/** Shape of each parameter by its name. */
export function parameterShapes(shape: SequentialShape): Readonly<Record<string, readonly number[]>> {
  const { itemCount, embeddingSize: d, blocks } = shape
  const shapes: Record<string, readonly number[]> = { items: [itemCount, d], final_gain: [d], final_bias: [d] }
  for (let block = 0; block < blocks; block++) {
    Object.assign(shapes, {
      [`${block}_attention_gain`]: [d],
      [`${block}_attention_bias`]: [d],
      [`${block}_qkv`]: [d, 3 * d],
      [`${block}_qkv_bias`]: [3 * d],
      [`${block}_join`]: [d, d],
      [`${block}_join_bias`]: [d],
      [`${block}_dense_gain`]: [d],
      [`${block}_dense_bias`]: [d],
      [`${block}_widen`]: [d, widening * d],
      [`${block}_widen_bias`]: [widening * d],
      [`${block}_narrow`]: [widening * d, d],
      [`${block}_narrow_bias`]: [d],
    })
  }
  return shapes
}

/** Fresh parameters, see `freshParameters`. */
export const createParameters = (shape: SequentialShape, random: Random, itemScale: number): Parameters =>
  freshParameters(parameterShapes(shape), random, itemScale)

export function trainingSpec(shape: SequentialShape, { windows, negatives }: SequentialBatch): NetworkSpec {
  const positions = windows * shape.windowLength
  const mask: InputSpec = { dtype: 'float32', shape: [positions, shape.embeddingSize] }
  return {
    name: 'sequential_training',
    parameters: parameterShapes(shape),
    inputs: {
      ...encoderInputs(shape, windows),
      targets: { dtype: 'int32', shape: [positions] },
      weights: { dtype: 'float32', shape: [positions, 1] },
      negatives: { dtype: 'int32', shape: [negatives] },
      corrections: { dtype: 'float32', shape: [1, negatives] },
      ...Object.fromEntries(dropoutPlaces(shape).map((name) => [name, mask])),
    },
  }
}

export const sequentialNetwork = (shape: SequentialShape): HistoryNetwork<SequentialShape> => ({
  name: 'sequential',
  shape,
  parameterShapes: parameterShapes(shape),
  encode(ops, p, inputs, length) {
    const all = encode(ops, p, inputs, { ...shape, windowLength: length })
    const windows = windowsOf(ops.shapeOf(inputs.inputs!), length)
    // A row that is 1 at its end takes the last position of each window, however many windows there will be.
    const last = ops.constant(
      Float32Array.from({ length }, (_, at) => Number(at === length - 1)),
      [1, 1, length],
    )
    const ends = ops.matMul(last, ops.reshape(all, [windows, length, shape.embeddingSize]))
    return ops.reshape(ends, [windows, shape.embeddingSize])
  },
})

type Named<T> = Readonly<Record<string, T>>

/**
 * The transformer, causal and pre-norm: x ← x + attention(norm(x)), x ← x + dense(norm(x)), and a last norm (Kang & McAuley 2018, with
 * the norm before each part as Xiong et al. 2020 have it, and rotary positions, Su et al. 2021).
 *
 * @returns `[windows · windowLength, embeddingSize]`: what each position expects next, to be compared with item vectors
 */
function encode<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, shape: SequentialShape): T {
  const drop = (x: T, place: string): T => (inputs[place] === undefined ? x : ops.multiply(x, inputs[place]))
  const mask = attentionMask(ops, inputs.sequences!, shape)
  let x = drop(ops.rows(p.items!, inputs.inputs!), 'drop_input')
  for (let block = 0; block < shape.blocks; block++) {
    const of = (name: string): T => p[`${block}_${name}`]!
    const attended = attention(ops, ops.layerNorm(x, of('attention_gain'), of('attention_bias')), of, mask, shape)
    x = ops.add(x, drop(attended, `drop_${block}_attention`))
    const normed = ops.layerNorm(x, of('dense_gain'), of('dense_bias'))
    const wide = ops.relu(ops.add(ops.matMul(normed, of('widen')), of('widen_bias')))
    const narrow = ops.add(ops.matMul(wide, of('narrow')), of('narrow_bias'))
    x = ops.add(x, drop(narrow, `drop_${block}_dense`))
  }
  return ops.layerNorm(x, p.final_gain!, p.final_bias!)
}

/**
 * Cross-entropy of the next item (Klenitskiy & Vasilev 2023, arXiv 2309.07602).
 *
 * Where `inputs.negatives` are all items: over all of them. Else against this sample: logit_c = h·v_c − log(expected count of c in it), and
 * a negative that is the target of a position says nothing there (Bengio & Senécal 2008).
 */
export function sequentialLoss<T>(ops: Ops<T>, p: Named<T>, inputs: Named<T>, shape: SequentialShape): T {
  const h = encode(ops, p, inputs, shape)
  const targets = ops.rows(p.items!, inputs.targets!)
  const candidates = ops.rows(p.items!, inputs.negatives!)
  const [positions] = ops.shapeOf(inputs.targets!)
  const [negatives] = ops.shapeOf(inputs.negatives!)
  const targetColumn = ops.reshape(inputs.targets!, [positions!, 1])
  if (negatives === shape.itemCount) return ops.fullSoftmaxLoss(h, targets, candidates, targetColumn, inputs.weights!)
  const offsets = ops.whereEqual(
    targetColumn,
    ops.reshape(inputs.negatives!, [1, negatives!]),
    ops.constant(Float32Array.of(impossible), [1, 1]),
    inputs.corrections!,
  )
  return ops.sampledSoftmaxLoss(h, targets, candidates, offsets, inputs.weights!)
}

/** A logit that no other comes near. */
const impossible = -1e9

/** `[windows, 1, L, L]`: 0 where position i may look at j: not ahead, and in the same sequence. */
function attentionMask<T>(ops: Ops<T>, sequences: T, { windowLength: L }: SequentialShape): T {
  const causal = Float32Array.from({ length: L * L }, (_, at) => (at % L <= Math.floor(at / L) ? 0 : impossible))
  const windows = windowsOf(ops.shapeOf(sequences), L)
  return ops.whereEqual(
    ops.reshape(sequences, [windows, 1, L, 1]),
    ops.reshape(sequences, [windows, 1, 1, L]),
    ops.constant(causal, [1, 1, L, L]),
    ops.constant(Float32Array.of(impossible), [1, 1, 1, 1]),
  )
}

/** softmax(q·kᵀ/√width + mask)·v by head, joined. x: `[positions, d]` */
function attention<T>(ops: Ops<T>, x: T, of: (name: string) => T, mask: T, shape: SequentialShape): T {
  const { embeddingSize: d, heads, windowLength: L } = shape
  const width = d / heads
  const positions = ops.shapeOf(x)[0]!
  const windows = windowsOf([positions], L)
  const qkv = ops.add(ops.matMul(x, of('qkv')), of('qkv_bias'))
  const byHead = ops.transpose(ops.reshape(qkv, [windows, L, 3, heads, width]), [2, 0, 3, 1, 4])
  const [q, k, v] = ops.split(byHead, 3).map((part) => ops.reshape(part, [windows, heads, L, width]))
  const turn = rotation(ops, L, width)
  const scores = ops.matMul(ops.scale(turn(q!), 1 / Math.sqrt(width)), turn(k!), { transposeB: true })
  const mixed = ops.matMul(ops.softmax(ops.add(scores, mask)), v!)
  const joined = ops.reshape(ops.transpose(mixed, [0, 2, 1, 3]), [positions, d])
  return ops.add(ops.matMul(joined, of('join')), of('join_bias'))
}

/**
 * Rotary positions: each pair of numbers is turned by an angle that grows with the position, so that q·k depends on the distance.
 * The pairs are (i, i + width/2); the angle at position t is t·10000^(−2i/width).
 */
function rotation<T>(ops: Ops<T>, L: number, width: number): (x: T) => T {
  const half = width / 2
  const angle = (at: number): number => Math.floor(at / width) * 10_000 ** (-((at % width) % half) / half)
  const cosines = ops.constant(
    Float32Array.from({ length: L * width }, (_, at) => Math.cos(angle(at))),
    [1, 1, L, width],
  )
  const sines = ops.constant(
    Float32Array.from({ length: L * width }, (_, at) => Math.sin(angle(at))),
    [1, 1, L, width],
  )
  // x·swap = [−second half | first half]
  const swap = new Float32Array(width * width)
  for (let i = 0; i < half; i++) {
    swap[(half + i) * width + i] = -1
    swap[i * width + half + i] = 1
  }
  const swapped = ops.constant(swap, [width, width])
  return (x) => ops.add(ops.multiply(x, cosines), ops.multiply(ops.matMul(x, swapped), sines))
}
