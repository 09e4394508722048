import type { OnnxGraph, OnnxValue } from '../export/onnx-graph.ts'

/** `[rows, 1]`, bool: whether none of these columns of `numeric` has a value. */
export function allMissing(graph: OnnxGraph, numeric: OnnxValue, columns: readonly number[]): OnnxValue {
  const at = graph.constant('early_columns', BigInt64Array.from(columns, BigInt), [columns.length])
  const flags = graph.node('Cast', [graph.node('IsNaN', [graph.node('Gather', [numeric, at], { axis: 1 })])], { to: 1 })
  // Of flags that are 1 or 0 the least is 1 where all are.
  const all = graph.node('ReduceMin', [flags], { axes: [1], keepdims: 1 })
  return graph.node('Greater', [all, graph.constant('half', Float32Array.from([0.5]), [])])
}
