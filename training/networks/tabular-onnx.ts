import type { PlattScale } from '../evaluation/platt.ts'
import { OnnxGraph, type OnnxValue } from '../export/onnx-graph.ts'
import { type GrowthHead, writeGrowthHead } from './growth-head-onnx.ts'
import { type ExportedTabular, networkOnnx } from './tabular-network-onnx.ts'

/** What the outputs of the network (standardised values, or logits) become in the graph. */
export type TabularHead =
  | GrowthHead
  | {
      readonly kind: 'regression'
      /** `[T]`, 1 where the output is ln(1 + count), 0 where it is the value itself. */
      readonly logarithm: Float32Array
      /** Of what is learned, per output; `[T]`. */
      readonly mean: Float32Array
      readonly scale: Float32Array
      /** Added to the prediction for the ends of the interval; `[T]`. */
      readonly lower: Float32Array
      readonly upper: Float32Array
    }
  | {
      readonly kind: 'classification'
      readonly calibration: PlattScale
      /** Another calibration where one of these numeric columns is known. */
      readonly early?: { readonly columns: readonly number[]; readonly calibration: PlattScale }
    }
  | {
      /** Discrete-time hazards: `[n, T]`, and the probability of the event within each horizon, `[n, H]`. */
      readonly kind: 'hazard'
      readonly calibration: PlattScale
      /** Intervals of each horizon, ≤ T; `[H]`. */
      readonly horizons: readonly number[]
    }

/**
 * The whole model as one ONNX file: encoding, the linear start, the network, and the head; inputs and outputs as models/payloads/tabular.ts
 * says.
 */
export function tabularOnnx(name: string, model: ExportedTabular, head: TabularHead): Uint8Array {
  const graph = new OnnxGraph(name)
  const numeric = graph.input('numeric', 'float32', [-1, model.prepared.encoder.featureCount])
  const categorical = graph.input('categorical', 'int32', [-1, model.shape.vocabularies.length])
  const output = networkOnnx(graph, model, numeric, categorical)
  if (head.kind === 'hazard') writeHazards(graph, output, head, model.shape.outputs)
  else writeHead(graph, numeric, output, head)
  return graph.build()
}

function writeHazards(
  graph: OnnxGraph,
  output: OnnxValue,
  { calibration, horizons }: Extract<TabularHead, { kind: 'hazard' }>,
  width: number,
): void {
  const logit = logitOnnx(graph, 'calibration', output, calibration)
  graph.output('hazard', graph.node('Sigmoid', [logit]), 'float32', [-1, width])
  // −ln(1 − sigmoid(z)) is softplus(z), and ln of a survival is the sum of its intervals'.
  const within = Float32Array.from({ length: width * horizons.length }, (_, i) =>
    Math.floor(i / horizons.length) < horizons[i % horizons.length]! ? -1 : 0,
  )
  const logSurvival = graph.node('MatMul', [
    graph.node('Softplus', [logit]),
    graph.constant('within', within, [width, horizons.length]),
  ])
  const one = graph.constant('survival_one', Float32Array.from([1]), [])
  const probability = graph.node('Sub', [one, graph.node('Exp', [logSurvival])])
  graph.output('probability', probability, 'float32', [-1, horizons.length])
}

function writeHead(
  graph: OnnxGraph,
  numeric: OnnxValue,
  output: OnnxValue,
  head: Exclude<TabularHead, { kind: 'hazard' }>,
): void {
  if (head.kind === 'growth') {
    writeGrowthHead(graph, numeric, output, head)
    return
  }
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
  const learned = graph.node('Add', [
    graph.node('Mul', [output, row('target_scale', head.scale)]),
    row('target_mean', head.mean),
  ])
  const isCount = graph.node('Greater', [row('target_logarithm', head.logarithm), none])
  // e^x − 1 for a count; nothing is below zero.
  const write = (name: string, value: OnnxValue): void => {
    const count = graph.node('Sub', [graph.node('Exp', [value]), one])
    graph.output(name, graph.node('Max', [graph.node('Where', [isCount, count, value]), none]), 'float32', [-1, width])
  }
  write('prediction', learned)
  write('lower', graph.node('Add', [learned, row('offset_lower', head.lower)]))
  write('upper', graph.node('Add', [learned, row('offset_upper', head.upper)]))
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
