import type { OnnxGraph, OnnxValue } from '../export/onnx-graph.ts'
import { type SpreadHead, writeSpreads } from './spread-onnx.ts'
import type { TabularOnnxInputs } from './tabular-network-onnx.ts'

/** Intervals around T predictions: offset·σ is added. */
export interface IntervalHead {
  /** Offsets; `[T]` */
  readonly lower: Float32Array
  readonly upper: Float32Array
  /** σ; by default 1 everywhere. */
  readonly spread?: SpreadHead | undefined
}

/** Makes T counts and shares, with intervals, of W standardised outputs. */
export interface RegressionHead extends IntervalHead {
  readonly kind: 'regression'
  /** `[T]`, 1 where the target is ln(1 + count), 0 where it is the value itself. */
  readonly logarithm: Float32Array
  /** Of what is learned, per output; `[W]`. */
  readonly mean: Float32Array
  readonly scale: Float32Array
  /** What each target is the sum of: outputs, `[W, T]`, or outputs and what of them is above 0, `[2·W, T]` */
  readonly sums: Float32Array
  /** Numeric column with ln(1 + count) that every level goes on from, where there is one: what is learned is by how much it differs. */
  readonly since?: number | undefined
  /** Counts of one quantity by several days, where there are any. */
  readonly ladders?: LadderHead | undefined
  readonly early?: EarlyHead | undefined
}

/** Counts of which none is below that of an earlier day. */
interface LadderHead {
  /** From the target that stands to each target; `[T]` */
  readonly paths: readonly (readonly number[])[]
  /** 1 where a target is of a later day than the one that stands, −1 of an earlier one; `[T]` */
  readonly sign: ArrayLike<number>
}

/** What else holds where counts of the first day are known. */
interface EarlyHead extends IntervalHead {
  /** Numeric columns with early counts: where one is known, these intervals hold for targets without an early count of their own. */
  readonly columns: readonly number[]
  /** The same for what a target grows from the early count on. */
  readonly sums: Float32Array
  /** 1 where a target grows so; the headline's growth is output 1 then, and its level output 0. `[T]` */
  readonly grows: Float32Array
  /**
   * Numeric column with the early count of the same quantity, −1 = none; `[T]`. Where it is known, it is what the target is at least, and
   * these intervals hold.
   */
  readonly countColumn: Int32Array
  /** 1 where that count is the target itself; `[T]` */
  readonly settled: Float32Array
}

/** Predictions and both ends of their intervals are made one below the other in one matrix, as an operator costs more than its numbers. */
const results = ['prediction', 'lower', 'upper'] as const

/**
 * value = its sum of scale·output + mean (+ what it goes on from), as a count e^value − 1, at least 0; ends = value + offset·σ alike. Where a
 * count is known already, value = its other sum + ln(1 + count), and nothing is less than that count; see models/payloads/tabular.ts.
 */
export function writeRegressionHead(
  graph: OnnxGraph,
  inputs: TabularOnnxInputs,
  output: OnnxValue,
  head: RegressionHead,
): void {
  const { early, ladders } = head
  const [outputs, targets] = [head.scale.length, head.logarithm.length]
  const row = (name: string, data: Float32Array): OnnxValue => graph.constant(name, data, [1, data.length])
  const [none, one] = [0, 1].map((value) => graph.constant(`count_${value}`, Float32Array.of(value), [])) as [
    OnnxValue,
    OnnxValue,
  ]
  const values = graph.node('Add', [
    graph.node('Mul', [output, row('target_scale', head.scale)]),
    row('target_mean', head.mean),
  ])
  const terms =
    head.sums.length === outputs * targets
      ? values
      : graph.node('Concat', [values, graph.node('Relu', [values])], { axis: 1 })
  const sumsOf = (name: string, sums: Float32Array): OnnxValue =>
    graph.node('MatMul', [terms, graph.constant(name, sums, [sums.length / targets, targets])])
  const level = sinceOnnx(graph, inputs.numeric, sumsOf('sums', head.sums), head.since)
  const counted = early && countedOnnx(graph, inputs.numeric, early, [none, one])
  const learned = counted
    ? graph.node('Where', [counted.grows, graph.node('Add', [sumsOf('early_sums', early.sums), counted.log]), level])
    : level

  const intervals: readonly IntervalHead[] = early === undefined ? [head] : [head, early]
  const sigmas = sigmasOnnx(graph, inputs, intervals)
  const [before, after] = intervals.map((its, moment) => widthsOnnx(graph, `interval${moment}`, its, sigmas[moment]))
  const end = (name: 'lower' | 'upper'): OnnxValue => {
    const width = before!(name)
    const its = counted && after ? graph.node('Where', [counted.later, after(name), width]) : width
    return graph.node('Add', [learned, its])
  }
  const stacked = (its: readonly OnnxValue[]): OnnxValue => graph.node('Concat', its, { axis: 0 })
  const unordered = stacked([learned, end('lower'), end('upper')])
  const all = ladders ? inOrderOnnx(graph, unordered, ladders) : unordered
  const isCount = graph.node('Greater', [row('target_logarithm', head.logarithm), none])
  const count = graph.node('Sub', [graph.node('Exp', [all]), one])
  const own = graph.node('Max', [graph.node('Where', [isCount, count, all]), none])
  const raised = counted
    ? raisedOnnx(graph, own, stacked(results.map(() => counted.count)), stacked(results.map(() => counted.final)))
    : own
  for (const [i, value] of graph.nodes('Split', [raised], results.length, { axis: 0 }).entries()) {
    graph.output(results[i]!, value, 'float32', [-1, targets])
  }
}

/** No less than what was counted, and just that where it is the target itself. */
function raisedOnnx(graph: OnnxGraph, values: OnnxValue, count: OnnxValue, final: OnnxValue): OnnxValue {
  return graph.node('Where', [final, count, graph.node('Max', [values, count])])
}

/** Values, with the column that they go on from where there is one. */
function sinceOnnx(graph: OnnxGraph, numeric: OnnxValue, values: OnnxValue, since: number | undefined): OnnxValue {
  if (since === undefined) return values
  const column = graph.constant('since_column', BigInt64Array.of(BigInt(since)), [1])
  return graph.node('Add', [values, graph.node('Gather', [numeric, column], { axis: 1 })])
}

/**
 * Values of ln(1 + count), `[m, T]`, with none below that of an earlier day: the most, or of earlier days the least, of all from the target that
 * stands on. Each round takes in the neighbours, picked by a product, which is faster than picking columns.
 */
function inOrderOnnx(graph: OnnxGraph, values: OnnxValue, { paths, sign }: LadderHead): OnnxValue {
  const targets = paths.length
  const neighbours = new Float32Array(targets * targets)
  for (const [t, path] of paths.entries()) {
    const neighbour = path.at(-2) ?? t
    neighbours[neighbour * targets + t] = sign[t]! * sign[neighbour]!
  }
  const pick = graph.constant('neighbours', neighbours, [targets, targets])
  const signs = graph.constant('ladder_signs', Float32Array.from(sign), [1, targets])
  let most = graph.node('Mul', [values, signs])
  for (let round = 1; round < Math.max(...paths.map(({ length }) => length)); round++) {
    most = graph.node('Max', [most, graph.node('MatMul', [most, pick])])
  }
  return graph.node('Mul', [most, signs])
}

/** Columns of `of`, which are finite, 0 where there is none, `[n, T]`: as a product with zeros and ones, as picking them takes longer. */
function picked(graph: OnnxGraph, name: string, of: OnnxValue, columns: Int32Array, from: number): OnnxValue {
  const ones = new Float32Array(from * columns.length)
  columns.forEach((column, t) => {
    if (column >= 0) ones[column * columns.length + t] = 1
  })
  return graph.node('MatMul', [of, graph.constant(name, ones, [from, columns.length])])
}

/** σ of each of the intervals, `[n, T]`; undefined where it is 1. */
function sigmasOnnx(
  graph: OnnxGraph,
  inputs: TabularOnnxInputs,
  intervals: readonly IntervalHead[],
): readonly (OnnxValue | undefined)[] {
  const spreads = intervals.flatMap(({ spread }) => (spread === undefined ? [] : [spread]))
  const sigmas = spreads.length === 0 ? [] : [...writeSpreads(graph, inputs, spreads)]
  return intervals.map(({ spread }) => (spread === undefined ? undefined : sigmas.shift()))
}

/** offset·σ of either end, `[n, T]` or `[1, T]`. */
function widthsOnnx(graph: OnnxGraph, name: string, { lower, upper }: IntervalHead, sigma: OnnxValue | undefined) {
  return (end: 'lower' | 'upper'): OnnxValue => {
    const data = end === 'lower' ? lower : upper
    const offset = graph.constant(`${name}_${end}`, data, [1, data.length])
    return sigma === undefined ? offset : graph.node('Mul', [sigma, offset])
  }
}

/** What was counted already, where the later intervals hold, and what grows; `[n, T]`. */
function countedOnnx(
  graph: OnnxGraph,
  numeric: OnnxValue,
  { columns, grows, countColumn, settled }: EarlyHead,
  [none, one]: readonly [OnnxValue, OnnxValue],
) {
  const isTrue = (name: string, of: ArrayLike<number>): OnnxValue =>
    graph.node('Greater', [graph.constant(name, Float32Array.from(of), [1, of.length]), none])
  const at = graph.constant('counted_columns', BigInt64Array.from(columns, BigInt), [columns.length])
  const early = graph.node('Gather', [numeric, at], { axis: 1 })
  const missing = graph.node('IsNaN', [early])
  const present = graph.node('Cast', [graph.node('Not', [missing])], { to: 1 })
  const placeOf = countColumn.map((column) => columns.indexOf(column))
  const known = graph.node('Greater', [picked(graph, 'known_counts', present, placeOf, columns.length), none])
  const count = picked(graph, 'counts', graph.node('Where', [missing, none, early]), placeOf, columns.length)
  const anything = graph.node('Greater', [graph.node('ReduceMax', [present], { axes: [1], keepdims: 1 }), none])
  const counting = isTrue(
    'counting',
    countColumn.map((column) => (column < 0 ? 0 : 1)),
  )
  return {
    count,
    later: graph.node('Or', [known, graph.node('And', [graph.node('Not', [counting]), anything])]),
    /** Whether the count is the target itself. */
    final: graph.node('And', [known, isTrue('settled', settled)]),
    grows: graph.node('And', [known, isTrue('growing', grows)]),
    log: graph.node('Log', [graph.node('Add', [count, one])]),
  }
}
