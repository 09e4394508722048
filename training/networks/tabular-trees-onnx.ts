import type { GraphTensor } from '../backend/graph/graph-tape.ts'
import type { Ops } from '../backend/graph/ops.ts'
import type { OnnxGraph, OnnxValue } from '../export/onnx-graph.ts'
import { treesOnnx } from '../export/trees-onnx.ts'
import { sequenceWeights, type TabularTrees } from './tabular-trees.ts'

/** Values of a graph that a model with trees is put together from. */
export interface TabularParts {
  /** Of the network, `[n, T]`. */
  readonly output: GraphTensor
  /** What the first sequence of trees begins at, categories included; `[n, T]`. */
  readonly start: GraphTensor
  /** The inputs: `[n, F]`, raw, and int32 `[n, C]`. */
  readonly numeric: OnnxValue
  readonly categorical: OnnxValue
}

/** The graph's `blendTrees`: (1 − s)·network + s·c·(start + corrections) + s·o·(mean + own), `[n, T]`; what is fixed goes into the trees. */
export function blendTreesOnnx(
  graph: OnnxGraph,
  ops: Ops<GraphTensor>,
  { edges, outputs, shares }: TabularTrees,
  { output, start, numeric, categorical }: TabularParts,
): GraphTensor {
  const features = graph.node('Concat', [numeric, graph.node('Cast', [categorical], { to: 1 })], { axis: 1 })
  const weights = outputs.map((trees, t) => {
    const { corrections, own } = sequenceWeights(trees)
    return { corrections: shares[t]! * corrections, own: shares[t]! * own }
  })
  const sequences = outputs.flatMap(({ corrections, own }, t) => [
    { trees: corrections, output: t, factor: weights[t]!.corrections },
    { trees: own, output: t, factor: weights[t]!.own },
  ])
  const base = outputs.map(({ mean }, t) => weights[t]!.own * mean)
  const trees = treesOnnx(graph, features, edges, sequences, base)
  const times = (value: GraphTensor, factors: readonly number[]): GraphTensor =>
    ops.multiply(value, ops.constant(Float32Array.from(factors), [1, factors.length]))
  const network = times(
    output,
    shares.map((share) => 1 - share),
  )
  const linear = times(
    start,
    weights.map(({ corrections }) => corrections),
  )
  return ops.add(ops.add(network, linear), { value: trees, shape: output.shape, learned: false })
}
