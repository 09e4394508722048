import type { PlattScale } from '../evaluation/platt.ts'
import { OnnxGraph, type OnnxValue } from '../export/onnx-graph.ts'
import { type TabularEncoder, zLimit } from './tabular-encoder.ts'
import type { Parameters } from './tabular-network.ts'

/** What the outputs of the ensemble (standardised values, or logits) become in the graph. */
export type TabularHead =
  | {
      readonly kind: 'regression'
      /** Of ln(1 + count), per output; `[T]`. */
      readonly mean: Float32Array
      readonly scale: Float32Array
      /** Added to the prediction of ln(1 + count) for the ends of the interval; `[T]`. */
      readonly lower: Float32Array
      readonly upper: Float32Array
    }
  | {
      readonly kind: 'classification'
      readonly calibration: PlattScale
      /** Another calibration where one of these numeric columns is known. */
      readonly early?: { readonly columns: readonly number[]; readonly calibration: PlattScale }
    }

/**
 * The whole model as one ONNX file: encoding, every member, their mean, and the head; inputs and outputs as models/payloads/tabular.ts
 * says.
 *
 * @param members weights of each network, all of one shape; at least one
 * @param fields  number of categorical fields
 */
export function tabularOnnx(
  name: string,
  encoder: TabularEncoder,
  fields: number,
  members: readonly Parameters[],
  head: TabularHead,
): Uint8Array {
  const graph = new OnnxGraph(name)
  const numeric = graph.input('numeric', 'float32', [-1, encoder.featureCount])
  const categorical = graph.input('categorical', 'int32', [-1, fields])
  const { encoded, linear } = encoderOnnx(graph, encoder, numeric)
  const index = Array.from({ length: fields }, (_, field) =>
    graph.node('Gather', [categorical, graph.constant(`field${field}`, BigInt64Array.from([BigInt(field)]), [])], {
      axis: 1,
    }),
  )
  const outputs = members.map((member, m) => network(graph, `member${m}`, member, encoded, linear, index))
  const count = graph.constant('members', Float32Array.from([members.length]), [])
  const sum = outputs.reduce((a, b) => graph.node('Add', [a, b]))
  writeHead(graph, numeric, graph.node('Div', [sum, count]), head)
  return graph.build()
}

/** Adds the columns of `encodeTabular` to a graph: z alone, with the missing flags (what the linear path reads), and all of them. */
export function encoderOnnx(
  graph: OnnxGraph,
  encoder: TabularEncoder,
  x: OnnxValue,
): { readonly z: OnnxValue; readonly linear: OnnxValue; readonly encoded: OnnxValue } {
  const scalar = (name: string, value: number): OnnxValue => graph.constant(name, Float32Array.from([value]), [])
  const zero = scalar('zero', 0)
  const row = (name: string, data: Float32Array): OnnxValue => graph.constant(name, data, [1, data.length])
  const missing = graph.node('IsNaN', [x])
  const logarithm = graph.node('Mul', [
    graph.node('Sign', [x]),
    graph.node('Log', [graph.node('Add', [graph.node('Abs', [x]), scalar('one', 1)])]),
  ])
  const s = graph.node('Where', [graph.node('Greater', [row('logarithm', encoder.logarithm), zero]), logarithm, x])
  const scaled = graph.node('Mul', [
    graph.node('Sub', [s, row('mean', encoder.mean)]),
    row('inverse_scale', encoder.inverseScale),
  ])
  const clipped = graph.node('Clip', [scaled, scalar('z_low', -zLimit), scalar('z_high', zLimit)])
  const z = graph.node('Where', [missing, zero, clipped])
  const linear = [z]
  if (encoder.optional.length > 0) {
    const flags = graph.node('Cast', [missing], { to: 1 })
    linear.push(
      graph.node('Gather', [flags, graph.constant('optional', encoder.optional, [encoder.optional.length])], {
        axis: 1,
      }),
    )
  }
  const columns = [...linear]
  if (encoder.binFeature.length > 0) {
    const at = graph.constant('bin_feature', encoder.binFeature, [encoder.binFeature.length])
    const position = graph.node('Mul', [
      graph.node('Sub', [graph.node('Gather', [z, at], { axis: 1 }), row('bin_edge', encoder.binEdge)]),
      row('bin_slope', encoder.binSlope),
    ])
    columns.push(graph.node('Clip', [position, zero, scalar('bin_end', 1)]))
  }
  return {
    z,
    encoded: graph.node('Concat', columns, { axis: 1 }),
    linear: graph.node('Concat', linear, { axis: 1 }),
  }
}

/** The same formula as `tabularForward`, without dropout. */
function network(
  graph: OnnxGraph,
  prefix: string,
  parameters: Parameters,
  encoded: OnnxValue,
  linear: OnnxValue,
  index: readonly OnnxValue[],
): OnnxValue {
  const weight = (name: string): OnnxValue => {
    const { data, shape } = parameters.get(name)!
    return graph.constant(`${prefix}/${name}`, data, shape)
  }
  const add = (a: OnnxValue, b: OnnxValue): OnnxValue => graph.node('Add', [a, b])
  let sum = add(graph.node('MatMul', [encoded, weight('w1')]), weight('b1'))
  if (index.length > 0) {
    const embedded = index.map((rows, field) => graph.node('Gather', [weight(`embedding${field}`), rows], { axis: 0 }))
    sum = add(sum, graph.node('MatMul', [graph.node('Concat', embedded, { axis: 1 }), weight('e1')]))
  }
  const h1 = graph.node('Relu', [sum])
  const step = graph.node('Relu', [add(graph.node('MatMul', [h1, weight('w2')]), weight('b2'))])
  const h2 = add(h1, step)
  let output = add(graph.node('MatMul', [h2, weight('w3')]), weight('b3'))
  output = add(output, graph.node('MatMul', [linear, weight('skip')]))
  index.forEach((rows, field) => {
    output = add(output, graph.node('Gather', [weight(`bias${field}`), rows], { axis: 0 }))
  })
  return output
}

function writeHead(graph: OnnxGraph, numeric: OnnxValue, output: OnnxValue, head: TabularHead): void {
  if (head.kind === 'classification') {
    const { early } = head
    const calibrated = logitOnnx(graph, 'calibration', output, head.calibration)
    const logit =
      early === undefined
        ? calibrated
        : graph.node('Where', [
            allMissing(graph, numeric, early.columns),
            calibrated,
            logitOnnx(graph, 'early_calibration', output, early.calibration),
          ])
    graph.output('probability', graph.node('Sigmoid', [logit]), 'float32', [-1, 1])
    return
  }
  const row = (name: string, data: Float32Array): OnnxValue => graph.constant(name, data, [1, data.length])
  const width = head.mean.length
  const one = graph.constant('count_one', Float32Array.from([1]), [])
  const none = graph.constant('count_zero', Float32Array.from([0]), [])
  const logCount = graph.node('Add', [
    graph.node('Mul', [output, row('target_scale', head.scale)]),
    row('target_mean', head.mean),
  ])
  // e^x − 1, and no count below zero.
  const counts = (name: string, value: OnnxValue): void => {
    const count = graph.node('Max', [graph.node('Sub', [graph.node('Exp', [value]), one]), none])
    graph.output(name, count, 'float32', [-1, width])
  }
  counts('prediction', logCount)
  counts('lower', graph.node('Add', [logCount, row('offset_lower', head.lower)]))
  counts('upper', graph.node('Add', [logCount, row('offset_upper', head.upper)]))
}

function logitOnnx(graph: OnnxGraph, name: string, output: OnnxValue, { slope, intercept }: PlattScale): OnnxValue {
  const constant = (part: string, value: number): OnnxValue =>
    graph.constant(`${name}/${part}`, Float32Array.from([value]), [])
  return graph.node('Add', [graph.node('Mul', [output, constant('slope', slope)]), constant('intercept', intercept)])
}

/** `[rows, 1]`, bool: whether none of these columns has a value. */
function allMissing(graph: OnnxGraph, numeric: OnnxValue, columns: readonly number[]): OnnxValue {
  const flags = columns.map((column) => {
    const at = graph.constant(`early${column}`, BigInt64Array.from([BigInt(column)]), [1])
    return graph.node('Cast', [graph.node('IsNaN', [graph.node('Gather', [numeric, at], { axis: 1 })])], { to: 1 })
  })
  const all = flags.reduce((a, b) => graph.node('Mul', [a, b]))
  return graph.node('Greater', [all, graph.constant('half', Float32Array.from([0.5]), [])])
}
