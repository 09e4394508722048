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

/** Makes T counts and shares, with intervals, of W standardised outputs; W = T where nothing is counted early. */
export interface RegressionHead extends IntervalHead {
  readonly kind: 'regression'
  /** `[T]`, 1 where the target is ln(1 + count), 0 where it is the value itself. */
  readonly logarithm: Float32Array
  /** Of what is learned, per output; `[W]`. */
  readonly mean: Float32Array
  readonly scale: Float32Array
  /** Numeric column with ln(1 + count) that every target goes on from, where there is one: what is learned is by how much it differs. */
  readonly since?: number | undefined
  readonly early?: EarlyHead | undefined
}

/** What else holds where counts of the first day are known. */
interface EarlyHead extends IntervalHead {
  /** Numeric columns with early counts: where one is known, these intervals hold for targets without an early count of their own. */
  readonly columns: readonly number[]
  /** Output with the level of each target, and with the growth of ln(1 + count) from the early count on, −1 = none; `[T]` */
  readonly level: Int32Array
  readonly growth: Int32Array
  /**
   * Numeric column with the early count of the same quantity, −1 = none; `[T]`. Where it is known, it is what the target is at least, and
   * these intervals hold.
   */
  readonly countColumn: Int32Array
  /** 1 where that count is the target itself; `[T]` */
  readonly settled: Float32Array
}

/**
 * value = scale·output + mean (+ what it goes on from), as a count e^value − 1, at least 0; ends = value + offset·σ alike. Where a count is known already,
 * value = scale·growth + mean + ln(1 + count), and nothing is less than that count; see models/payloads/tabular.ts.
 */
export function writeRegressionHead(
  graph: OnnxGraph,
  inputs: TabularOnnxInputs,
  output: OnnxValue,
  head: RegressionHead,
): void {
  const { early } = head
  const row = (name: string, data: Float32Array): OnnxValue => graph.constant(name, data, [1, data.length])
  const [none, one] = [0, 1].map((value) => graph.constant(`count_${value}`, Float32Array.of(value), [])) as [
    OnnxValue,
    OnnxValue,
  ]
  const differences = graph.node('Add', [
    graph.node('Mul', [output, row('target_scale', head.scale)]),
    row('target_mean', head.mean),
  ])
  const since = (column: number): OnnxValue =>
    graph.node('Gather', [inputs.numeric, graph.constant('since_column', BigInt64Array.of(BigInt(column)), [1])], {
      axis: 1,
    })
  const values = head.since === undefined ? differences : graph.node('Add', [differences, since(head.since)])
  const counted = early && countedOnnx(graph, inputs.numeric, values, early, [none, one])
  const learned = counted?.learned ?? values
  const intervals: readonly IntervalHead[] = early === undefined ? [head] : [head, early]
  const sigmas = sigmasOnnx(graph, inputs, intervals)
  const [before, after] = intervals.map((its, moment) => widthsOnnx(graph, `interval${moment}`, its, sigmas[moment]))
  const end = (name: 'lower' | 'upper'): OnnxValue => {
    const width = before!(name)
    const its = counted && after ? graph.node('Where', [counted.later, after(name), width]) : width
    return graph.node('Add', [learned, its])
  }
  const isCount = graph.node('Greater', [row('target_logarithm', head.logarithm), none])
  const write = (name: string, value: OnnxValue): void => {
    const count = graph.node('Sub', [graph.node('Exp', [value]), one])
    const own = graph.node('Max', [graph.node('Where', [isCount, count, value]), none])
    graph.output(name, counted?.raise(own) ?? own, 'float32', [-1, head.logarithm.length])
  }
  write('prediction', learned)
  write('lower', end('lower'))
  write('upper', end('upper'))
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

/** Whether the later intervals hold, what is learned where something was counted already, and what becomes of values by it; `[n, T]`. */
function countedOnnx(
  graph: OnnxGraph,
  numeric: OnnxValue,
  values: OnnxValue,
  { columns, level, growth, countColumn, settled }: EarlyHead,
  [none, one]: readonly [OnnxValue, OnnxValue],
) {
  const width = level.length
  const isTrue = (name: string, of: ArrayLike<number>): OnnxValue =>
    graph.node('Greater', [graph.constant(name, Float32Array.from(of), [1, width]), none])
  /** Columns of `of`, which are finite, as a product with zeros and ones: picking them takes longer. */
  const picked = (name: string, of: OnnxValue, its: Int32Array, from: number): OnnxValue => {
    const ones = new Float32Array(from * width)
    its.forEach((column, t) => {
      if (column >= 0) ones[column * width + t] = 1
    })
    return graph.node('MatMul', [of, graph.constant(name, ones, [from, width])])
  }
  const has = (its: Int32Array): number[] => Array.from(its, (column) => (column < 0 ? 0 : 1))
  const at = graph.constant('counted_columns', BigInt64Array.from(columns, BigInt), [columns.length])
  const early = graph.node('Gather', [numeric, at], { axis: 1 })
  const missing = graph.node('IsNaN', [early])
  const present = graph.node('Cast', [graph.node('Not', [missing])], { to: 1 })
  const placeOf = countColumn.map((column) => columns.indexOf(column))
  const known = graph.node('Greater', [picked('known_counts', present, placeOf, columns.length), none])
  const count = picked('counts', graph.node('Where', [missing, none, early]), placeOf, columns.length)
  const anything = graph.node('Greater', [graph.node('ReduceMax', [present], { axes: [1], keepdims: 1 }), none])
  const outputs = 1 + Math.max(...level, ...growth)
  const grown = graph.node('Add', [
    picked('growth_outputs', values, growth, outputs),
    graph.node('Log', [graph.node('Add', [count, one])]),
  ])
  const grows = graph.node('And', [known, isTrue('growing', has(growth))])
  const final = graph.node('And', [known, isTrue('settled', settled)])
  const counting = isTrue('counting', has(countColumn))
  return {
    later: graph.node('Or', [known, graph.node('And', [graph.node('Not', [counting]), anything])]),
    learned: graph.node('Where', [grows, grown, picked('level_outputs', values, level, outputs)]),
    raise: (value: OnnxValue): OnnxValue => graph.node('Where', [final, count, graph.node('Max', [value, count])]),
  }
}
