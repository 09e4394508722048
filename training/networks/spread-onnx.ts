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
 * Adds σ of every row and output to a graph, `[n, T]` of each head: see `ResidualSpread`. All heads are one product and one table of all
 * categories, as a run of a single row costs what its operators cost.
 *
 * @param heads at least one
 */
export function writeSpreads(
  graph: OnnxGraph,
  { encoded, categorical }: Pick<TabularOnnxInputs, 'encoded' | 'categorical'>,
  heads: readonly SpreadHead[],
): readonly OnnxValue[] {
  const widths = heads.map(({ intercept }) => intercept.length)
  const width = widths.reduce((a, b) => a + b, 0)
  const { linear, linearWidth, places } = encoded
  const row = (part: string, of: (head: SpreadHead) => Float32Array): OnnxValue =>
    graph.constant(`spread_${part}`, Float32Array.from(heads.flatMap((head) => [...of(head)])), [1, width])
  const skip = beside(
    heads.map((head) => head.skip),
    widths,
  )
  const placed = placeRows(places, linearWidth, skip, skip.length / width)
  const numeric = graph.node('Gemm', [
    linear,
    graph.constant('spread_skip', placed, [linearWidth, width]),
    row('intercept', (head) => head.intercept),
  ])
  const reads = heads.some(({ biases }) => biases.some(({ length }) => length > 0))
  const log = reads ? graph.node('Add', [numeric, categorySums(graph, categorical, heads, widths)]) : numeric
  const clipped = graph.node('Max', [log, row('lowest', (head) => head.lowest)])
  const sigma = graph.node('Exp', [graph.node('Min', [clipped, row('highest', (head) => head.highest)])])
  if (heads.length === 1) return [sigma]
  const sizes = graph.constant('spread_widths', BigInt64Array.from(widths, BigInt), [heads.length])
  return graph.nodes('Split', [sigma, sizes], heads.length, { axis: 1 })
}

/** What the categories of a row add, `[n, width]`: rows of one table, of which a field that no head reads has one. */
function categorySums(
  graph: OnnxGraph,
  categorical: OnnxValue,
  heads: readonly SpreadHead[],
  widths: readonly number[],
): OnnxValue {
  const width = widths.reduce((a, b) => a + b, 0)
  const fields = heads[0]!.biases.length
  const tables = Array.from({ length: fields }, (_, field) => {
    const rows = Math.max(1, ...heads.map(({ biases }, h) => biases[field]!.length / widths[h]!))
    return beside(
      heads.map(({ biases }, h) => (biases[field]!.length > 0 ? biases[field]! : new Float32Array(rows * widths[h]!))),
      widths,
    )
  })
  const rows = tables.map((table) => table.length / width)
  const offsets = rows.map((_, field) => rows.slice(0, field).reduce((a, b) => a + b, 0))
  const last = graph.constant(
    'spread_last',
    Int32Array.from(rows, (count) => count - 1),
    [1, fields],
  )
  const at = graph.node('Add', [
    graph.node('Min', [categorical, last]),
    graph.constant('spread_offsets', Int32Array.from(offsets), [1, fields]),
  ])
  const total = rows.reduce((a, b) => a + b, 0)
  const table = graph.constant('spread_fields', Float32Array.from(tables.flatMap((its) => [...its])), [total, width])
  const axis = graph.constant('spread_axis', BigInt64Array.of(1n), [1])
  return graph.node('ReduceSum', [graph.node('Gather', [table, at], { axis: 0 }), axis], { keepdims: 0 })
}

/** Row-major matrices of as many rows side by side. */
function beside(matrices: readonly Float32Array[], widths: readonly number[]): Float32Array {
  const rows = matrices[0]!.length / widths[0]!
  return Float32Array.from(
    Array.from({ length: rows }, (_, i) =>
      matrices.flatMap((its, m) => [...its.subarray(i * widths[m]!, (i + 1) * widths[m]!)]),
    ).flat(),
  )
}
