import { graphOps } from '../backend/graph/graph-ops.ts'
import { GraphTape, type GraphTensor } from '../backend/graph/graph-tape.ts'
import type { Ops } from '../backend/graph/ops.ts'
import type { ServingNetwork } from '../families/family.ts'
import { type HistoryModel, knownItems } from '../networks/history-recommender.ts'

/** The score of items that have no vector: behind all others. */
const scoreOfUnknown = -10_000

/**
 * A network over histories as ONNX: `history` int32 [u, windowLength] (−1 pads at the front), `row` int32 [n], `item` int32 [n] → `score`
 * float32 [n] = h_row·v_item. Only distances between positions matter to these networks, so that padding changes nothing.
 *
 * @param score the trainer's own, for histories that are not empty
 */
export function exportHistoryNetwork(model: HistoryModel, score: ServingNetwork['score']): ServingNetwork {
  const known = knownItems(model.parameters.items!, model.network.shape.embeddingSize)
  return {
    onnx: buildGraph(model, known),
    historyLength: model.network.shape.windowLength,
    score(user, history, scores) {
      score(user, history, scores)
      for (const [item, is] of known.entries()) if (is === 0) scores[item] = scoreOfUnknown
    },
  }
}

function buildGraph({ network, parameters }: HistoryModel, known: Uint8Array): Uint8Array {
  const { windowLength: L, embeddingSize: d, itemCount } = network.shape
  const tape = new GraphTape(network.name)
  const ops: Ops<GraphTensor> = graphOps(tape)
  // There are other numbers of people and of candidates.
  const people = tape.graph.input('history', 'int32', [-2, L])
  const history: GraphTensor = { value: people, shape: [-1, L], learned: false }
  const row = tape.input('row', 'int32', [-1])
  const item = tape.input('item', 'int32', [-1])
  const constants = Object.fromEntries(
    Object.entries(network.parameterShapes).map(([name, its]) => [name, ops.constant(parameters[name]!, its)]),
  )
  const pad = ops.constant(Int32Array.of(-1), [1, 1])
  const zero = ops.constant(Int32Array.of(0), [1, 1])
  const inputs = {
    inputs: ops.reshape(ops.whereEqual(history, pad, zero, history), [-1]),
    sequences: ops.reshape(ops.whereEqual(history, pad, pad, zero), [-1]),
  }
  const encoded = ops.reshape(network.encode(ops, constants, inputs, L), [-1, L, d])
  const last = tape.node('Gather', [encoded, tape.constant(Int32Array.of(L - 1), [])], [-1, d], { axis: 1 })
  const vectors = ops.rows(constants.items!, item)
  const products = ops.reshape(ops.sum(ops.multiply(ops.rows(last, row), vectors), 1), [-1])
  const offsets = ops.constant(
    Float32Array.from(known, (is) => (is === 0 ? scoreOfUnknown : 0)),
    [itemCount],
  )
  const offset = tape.node('Gather', [offsets, item], [-1], { axis: 0 })
  tape.graph.output('score', ops.add(products, offset).value, 'float32', [-1])
  return tape.graph.build()
}
