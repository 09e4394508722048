import { graphOps } from '../backend/graph/graph-ops.ts'
import { GraphTape, type GraphTensor } from '../backend/graph/graph-tape.ts'
import type { Ops } from '../backend/graph/ops.ts'
import type { Scorable } from '../evaluation/score-users.ts'
import { type ServingNetwork, unknownUser } from '../families/family.ts'
import { type HistoryModel, knownItems } from '../networks/history-recommender.ts'
import type { CatalogueScores } from './catalogue-scores.ts'
import type { OnnxValue } from './onnx-graph.ts'

/** The score of items that have no vector: behind all others. */
const scoreOfUnknown = -10_000

/** The type's number in onnx.proto. */
const onnxBool = 9

/**
 * A network over histories as ONNX: `history` int32 [u, windowLength] (−1 pads at the front), `row` int32 [n], `item` int32 [n] → `score`
 * float32 [n] = h_row·v_item. Only distances between positions matter to these networks, so that padding changes nothing.
 *
 * @param trainer its scores of histories that are not empty
 */
export function exportHistoryNetwork(model: HistoryModel, trainer: Scorable): ServingNetwork {
  const known = knownItems(model.parameters.items!, model.network.shape.embeddingSize)
  return {
    onnx: buildGraph(model, known),
    historyLength: model.network.shape.windowLength,
    score(user, history, scores) {
      trainer.score(user, history, scores)
      for (const [item, is] of known.entries()) if (is === 0) scores[item] = scoreOfUnknown
    },
    catalogue: historyCatalogue(model, trainer, known),
  }
}

/** As the trainer has it, items without a vector score as the worst that has one: a score far off would tell its readers nothing. */
function historyCatalogue(model: HistoryModel, trainer: Scorable, known: Uint8Array): CatalogueScores {
  const { windowLength, itemCount } = model.network.shape
  return {
    historyLength: windowLength,
    score: (history, scores) => trainer.score(unknownUser, history, scores),
    ...(trainer.scoreMany && {
      scoreMany: (histories, scores) =>
        trainer.scoreMany!(new Int32Array(histories.length).fill(unknownUser), histories, scores),
    }),
    build(graph, history) {
      const tape = new GraphTape(graph)
      const ops = graphOps(tape)
      const { expected, items } = encodeHistories(ops, model, history)
      const products = ops.matMul(expected, items, { transposeB: true }).value
      if (!known.includes(0)) return products
      const isKnown = graph.node('Cast', [graph.constant('known', Int32Array.from(known), [itemCount])], {
        to: onnxBool,
      })
      const most = graph.constant('most', Float32Array.of(Number.POSITIVE_INFINITY), [1])
      const worst = graph.node('ReduceMin', [graph.node('Where', [isKnown, products, most])], { axes: [1] })
      return graph.node('Where', [isKnown, products, worst])
    },
  }
}

function buildGraph(model: HistoryModel, known: Uint8Array): Uint8Array {
  const { windowLength: L, itemCount } = model.network.shape
  const tape = new GraphTape(model.network.name)
  const ops: Ops<GraphTensor> = graphOps(tape)
  // There are other numbers of people and of candidates.
  const history = tape.graph.input('history', 'int32', [-2, L])
  const row = tape.input('row', 'int32', [-1])
  const item = tape.input('item', 'int32', [-1])
  const { expected, items } = encodeHistories(ops, model, history)
  const products = ops.reshape(ops.sum(ops.multiply(ops.rows(expected, row), ops.rows(items, item)), 1), [-1])
  const offsets = ops.constant(
    Float32Array.from(known, (is) => (is === 0 ? scoreOfUnknown : 0)),
    [itemCount],
  )
  const offset = tape.node('Gather', [offsets, item], [-1], { axis: 0 })
  tape.graph.output('score', ops.add(products, offset).value, 'float32', [-1])
  return tape.graph.build()
}

/** What is expected next, `[people, embeddingSize]`, and the item vectors that it is compared with. */
function encodeHistories(
  ops: Ops<GraphTensor>,
  { network, parameters }: HistoryModel,
  histories: OnnxValue,
): { expected: GraphTensor; items: GraphTensor } {
  const { windowLength: L } = network.shape
  const history: GraphTensor = { value: histories, shape: [-1, L], learned: false }
  const constants = Object.fromEntries(
    Object.entries(network.parameterShapes).map(([name, its]) => [name, ops.constant(parameters[name]!, its)]),
  )
  const pad = ops.constant(Int32Array.of(-1), [1, 1])
  const zero = ops.constant(Int32Array.of(0), [1, 1])
  const inputs = {
    inputs: ops.reshape(ops.whereEqual(history, pad, zero, history), [-1]),
    sequences: ops.reshape(ops.whereEqual(history, pad, pad, zero), [-1]),
  }
  return { expected: network.encode(ops, constants, inputs, L), items: constants.items! }
}
