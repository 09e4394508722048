import type { ResidualSpread } from '../estimators/residual-spread.ts'
import type { OnnxGraph, OnnxValue } from '../export/onnx-graph.ts'
import { placeRows } from './tabular-encoder-onnx.ts'
import type { PreparedTable } from './tabular-model.ts'
import type { TabularOnnxInputs } from './tabular-network-onnx.ts'
import { startOf } from './tabular-start.ts'

/** ln σ of every output as the graph computes it: skip, intercept, and one-hot weights of the small categorical fields. */
export interface SpreadHead {
  /** `[linearWidth, T]` and `[T]` */
  readonly skip: Float32Array
  readonly intercept: Float32Array
  /** Per field `[vocabulary, T]`; empty for a field that is not read. */
  readonly biases: readonly Float32Array[]
  /** Ends of ln σ; `[T]` */
  readonly lowest: Float32Array
  readonly highest: Float32Array
}

/**
 * Takes spreads, learned on the design of a table, apart for the graph.
 *
 * @param spreads `[T]`; undefined where σ is 1
 * @returns undefined where it is 1 for all
 */
export function spreadHead(
  spreads: readonly (ResidualSpread | undefined)[],
  prepared: PreparedTable,
): SpreadHead | undefined {
  if (spreads.every((spread) => spread === undefined)) return undefined
  const none = { weights: new Float64Array(prepared.design.width), intercept: 0 }
  const lines = spreads.map((spread) => spread?.lines ?? none)
  const noEffects = prepared.vocabularies.map(() => undefined)
  const { skip, intercept, biases } = startOf(lines, noEffects, prepared, spreads.length)
  return {
    ...{ skip, intercept, biases },
    lowest: Float32Array.from(spreads, (spread) => spread?.lowest ?? 0),
    highest: Float32Array.from(spreads, (spread) => spread?.highest ?? 0),
  }
}

/**
 * Adds σ of every row and output to a graph, `[n, T]`: see `ResidualSpread`.
 *
 * @param name begins the names of constants
 */
export function writeSpread(
  graph: OnnxGraph,
  name: string,
  { encoded, categorical }: Pick<TabularOnnxInputs, 'encoded' | 'categorical'>,
  { skip, intercept, biases, lowest, highest }: SpreadHead,
): OnnxValue {
  const width = intercept.length
  const row = (part: string, data: Float32Array): OnnxValue => graph.constant(`${name}_${part}`, data, [1, width])
  const { linear, linearWidth, places } = encoded
  const placed = placeRows(places, linearWidth, skip, skip.length / width)
  const numeric = graph.node('MatMul', [linear, graph.constant(`${name}_skip`, placed, [linearWidth, width])])
  let log = graph.node('Add', [numeric, row('intercept', intercept)])
  for (const [field, weights] of biases.entries()) {
    if (weights.length === 0) continue
    const at = graph.constant(`${name}_field${field}`, BigInt64Array.of(BigInt(field)), [])
    const column = graph.node('Gather', [categorical, at], { axis: 1 })
    const table = graph.constant(`${name}_bias${field}`, weights, [weights.length / width, width])
    log = graph.node('Add', [log, graph.node('Gather', [table, column])])
  }
  return graph.node('Exp', [
    graph.node('Min', [graph.node('Max', [log, row('lowest', lowest)]), row('highest', highest)]),
  ])
}
