import { type LowRankWeights, scoreByLowRank, scoreManyByLowRank } from '../classical/low-rank-scores.ts'
import type { NeighbourLists } from '../classical/recommender.ts'
import type { ServingNetwork } from '../families/family.ts'
import { type CatalogueScores, exportCatalogueScores } from './catalogue-scores.ts'
import { evenPlaces, itemWeightScores } from './item-weights-onnx.ts'
import type { OnnxGraph, OnnxValue } from './onnx-graph.ts'

/** A matrix of item → item weights as a sparse one and one of low rank: W = N + L·M·Rᵀ. */
export interface SpectralWeights extends LowRankWeights {
  /** N */
  readonly neighbours: NeighbourLists
}

/** score(j) = Σ over the history of W[i, j], as ONNX: `history` int32 [u, length] (−1 pads), `row` and `item` int32 [n] → `score` float32 [n]. */
export const exportSpectral = (weights: SpectralWeights): ServingNetwork =>
  exportCatalogueScores('spectral', spectralScores(weights), weights.left.rows)

function spectralScores(weights: SpectralWeights): CatalogueScores {
  const items = weights.left.rows
  const near = itemWeightScores([{ weights: weights.neighbours, placeWeights: evenPlaces() }], items)
  const latest = (history: Int32Array): Int32Array => history.subarray(Math.max(0, history.length - near.historyLength))
  const addNear = (history: Int32Array, scores: Float32Array): void => {
    const own = new Float32Array(items)
    near.score(history, own)
    for (let item = 0; item < items; item++) scores[item]! += own[item]!
  }
  return {
    historyLength: near.historyLength,
    build(graph, history) {
      const neighbours = near.build(graph.scope('near'), history)
      if (weights.left.columns === 0) return neighbours
      return graph.node('Add', [neighbours, buildLowRank(graph, history, weights)])
    },
    score(history, scores) {
      scoreByLowRank(weights, latest(history), scores)
      addNear(history, scores)
    },
    async scoreMany(histories, scores) {
      await scoreManyByLowRank(weights, histories.map(latest), scores)
      for (const [i, history] of histories.entries()) addNear(history, scores.subarray(i * items, (i + 1) * items))
    },
  }
}

/** Σ of the history's rows of L, times M·Rᵀ; what pads a history has a row of zeros. */
function buildLowRank(graph: OnnxGraph, history: OnnxValue, { left, mixing, right }: LowRankWeights): OnnxValue {
  const padded = new Float32Array((left.rows + 1) * left.columns)
  padded.set(left.values)
  const table = graph.constant('left', padded, [left.rows + 1, left.columns])
  const pad = graph.constant('no_item', Int32Array.of(left.rows), [1])
  const isItem = graph.node('GreaterOrEqual', [history, graph.constant('least', Int32Array.of(0), [1])])
  const rows = graph.node('Gather', [table, graph.node('Where', [isItem, history, pad])], { axis: 0 })
  const axis = graph.constant('places', BigInt64Array.of(1n), [1])
  const sums = graph.node('ReduceSum', [rows, axis], { keepdims: 0 })
  const mixed = graph.node('MatMul', [sums, graph.constant('mixing', mixing.values, [mixing.rows, mixing.columns])])
  const vectors = graph.constant('right', right.values, [right.rows, right.columns])
  return graph.node('Gemm', [mixed, vectors], { transB: 1 })
}
