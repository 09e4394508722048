import { graphOps } from '../backend/graph/graph-ops.ts'
import { GraphTape, type GraphTensor } from '../backend/graph/graph-tape.ts'
import type { Ops } from '../backend/graph/ops.ts'
import type { ServingNetwork } from '../families/family.ts'
import { encode, parameterShapes } from '../networks/sequential-network.ts'
import type { SequentialModel } from '../networks/sequential-recommender.ts'

/** The score of items that training never saw: behind all others. */
const scoreOfUnknown = -10_000

/**
 * The sequential network as ONNX: `history` int32 [u, windowLength] (−1 pads at the front), `row` int32 [n], `item` int32 [n] → `score`
 * float32 [n] = h_row·v_item. Only distances between positions matter to the network, so that padding changes nothing.
 *
 * @param score the trainer's own, for histories that are not empty
 */
export function exportSequential(model: SequentialModel, score: ServingNetwork['score']): ServingNetwork {
  return {
    onnx: buildGraph(model),
    historyLength: model.shape.windowLength,
    score(user, history, scores) {
      score(user, history, scores)
      for (const [item, count] of model.counts.entries()) if (count === 0) scores[item] = scoreOfUnknown
    },
  }
}

function buildGraph({ shape, parameters, counts }: SequentialModel): Uint8Array {
  const { windowLength: L, embeddingSize: d, itemCount } = shape
  const tape = new GraphTape('sequential')
  const ops: Ops<GraphTensor> = graphOps(tape)
  // There are other numbers of people and of candidates.
  const people = tape.graph.input('history', 'int32', [-2, L])
  const history: GraphTensor = { value: people, shape: [-1, L], learned: false }
  const row = tape.input('row', 'int32', [-1])
  const item = tape.input('item', 'int32', [-1])
  const constants = Object.entries(parameterShapes(shape)).map(
    ([name, its]) => [name, ops.constant(parameters[name]!, its)] as const,
  )
  const pad = ops.constant(Int32Array.of(-1), [1, 1])
  const zero = ops.constant(Int32Array.of(0), [1, 1])
  const inputs = {
    inputs: ops.reshape(ops.whereEqual(history, pad, zero, history), [-1]),
    sequences: ops.reshape(ops.whereEqual(history, pad, pad, zero), [-1]),
  }
  const encoded = ops.reshape(encode(ops, Object.fromEntries(constants), inputs, shape), [-1, L, d])
  const last = tape.node('Gather', [encoded, tape.constant(Int32Array.of(L - 1), [])], [-1, d], { axis: 1 })
  const known = parameters.items!.map((value, at) => (counts[Math.floor(at / d)] === 0 ? 0 : value))
  const vectors = ops.rows(ops.constant(known, [itemCount, d]), item)
  const products = ops.reshape(ops.sum(ops.multiply(ops.rows(last, row), vectors), 1), [-1])
  const offsets = ops.constant(
    Float32Array.from(counts, (count) => (count === 0 ? scoreOfUnknown : 0)),
    [itemCount],
  )
  const offset = tape.node('Gather', [offsets, item], [-1], { axis: 0 })
  tape.graph.output('score', ops.add(products, offset).value, 'float32', [-1])
  return tape.graph.build()
}
