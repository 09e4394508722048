import type { ServingNetwork } from '../families/family.ts'
import { OnnxGraph, type OnnxValue } from './onnx-graph.ts'

/** Scores of the whole catalogue for people known by their histories: a piece of a graph, and what it computes. */
export interface CatalogueScores {
  /** Items of a history that the piece reads. */
  readonly historyLength: number
  /**
   * Adds the piece to a graph.
   *
   * @param history int32 `[people, historyLength]`, newest last, −1 pads at the front
   * @returns float32 `[people, items]`
   */
  build(graph: OnnxGraph, history: OnnxValue): OnnxValue
  /**
   * The same by the trainer's arithmetic.
   *
   * @param history not empty; older items than the piece reads do not count
   * @param scores  `[items]`, overwritten
   */
  score(history: Int32Array, scores: Float32Array): void
  /** `score` for many at once, where that is faster. @param scores `[histories, items]`, overwritten */
  scoreMany?(histories: readonly Int32Array[], scores: Float32Array): Promise<void>
}

/**
 * A recommender by its scores of the whole catalogue, as ONNX: `history` int32 [u, historyLength] (−1 pads), `row` int32 [n], `item`
 * int32 [n] → `score` float32 [n].
 */
export function exportCatalogueScores(name: string, catalogue: CatalogueScores, itemCount: number): ServingNetwork {
  const { historyLength } = catalogue
  const graph = new OnnxGraph(name)
  const history = graph.input('history', 'int32', [-1, historyLength])
  const row = graph.input('row', 'int32', [-1])
  const item = graph.input('item', 'int32', [-1])
  const scores = catalogue.build(graph.scope('scores'), history)
  const stride = graph.constant('items', Int32Array.of(itemCount), [1])
  const at = graph.node('Add', [graph.node('Mul', [row, stride]), item])
  const flat = graph.node('Reshape', [scores, graph.constant('flat', BigInt64Array.of(-1n), [1])])
  graph.output('score', graph.node('Gather', [flat, at]), 'float32', [-1])
  return {
    onnx: graph.build(),
    historyLength,
    score: (_user, history, scores) => catalogue.score(history, scores),
    catalogue,
  }
}
