import { graphOps } from '../backend/graph/graph-ops.ts'
import { GraphTape, type GraphTensor } from '../backend/graph/graph-tape.ts'
import type { PlattScale } from '../evaluation/platt.ts'
import { OnnxGraph, type OnnxValue } from '../export/onnx-graph.ts'
import { allMissing } from './all-missing-onnx.ts'
import { type GrowthHead, writeGrowthHead } from './growth-head-onnx.ts'
import { type HeadInputs, type RegressionHead, writeRegressionHead } from './regression-head-onnx.ts'
import { linearWidth, type TabularEncoder, zLimit } from './tabular-encoder.ts'
import type { PreparedTable, TabularModel } from './tabular-model.ts'
import { tabularOutput, tabularParameterShapes } from './tabular-network.ts'
import { blendTreesOnnx } from './tabular-trees-onnx.ts'

/** What the outputs of the network (standardised values, or logits) become in the graph. */
export type TabularHead =
  | GrowthHead
  | RegressionHead
  | {
      readonly kind: 'classification'
      /** Of each output. */
      readonly calibrations: readonly PlattScale[]
      /** Other calibrations where one of these numeric columns is known. */
      readonly early?: { readonly columns: readonly number[]; readonly calibrations: readonly PlattScale[] }
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
export function tabularOnnx(
  name: string,
  {
    prepared,
    shape,
    network,
  }: Pick<TabularModel, 'shape' | 'network'> & { readonly prepared: Pick<PreparedTable, 'encoder'> },
  head: TabularHead,
): Uint8Array {
  const { encoder } = prepared
  const fields = shape.vocabularies.length
  const graph = new OnnxGraph(name)
  const numeric = graph.input('numeric', 'float32', [-1, encoder.featureCount])
  const categorical = graph.input('categorical', 'int32', [-1, fields])
  const { encoded, linear } = encoderOnnx(graph, encoder, numeric)
  const tape = new GraphTape(graph)
  const ops = graphOps(tape)
  const free = (value: OnnxValue, width?: number): GraphTensor => ({
    value,
    shape: width === undefined ? [-1] : [-1, width],
    learned: false,
  })
  const columns = Array.from({ length: fields }, (_, field) => {
    const at = graph.constant(`field${field}`, BigInt64Array.from([BigInt(field)]), [])
    return [`field${field}`, free(graph.node('Gather', [categorical, at], { axis: 1 }))] as const
  })
  const weights = Object.entries(tabularParameterShapes(shape)).map(
    ([parameter, its]) => [parameter, ops.constant(network.parameters[parameter]!, its)] as const,
  )
  const skip = ops.constant(network.start.skip, [linearWidth(encoder), shape.outputs])
  const start = ops.add(
    ops.matMul(free(linear, linearWidth(encoder)), skip),
    ops.constant(network.start.intercept, [1, shape.outputs]),
  )
  const withCategories = (linear: GraphTensor): GraphTensor =>
    columns.reduce((sum, [, column], field) => {
      const biases = ops.constant(network.start.biases[field]!, [shape.vocabularies[field]!, shape.outputs])
      return ops.add(sum, ops.rows(biases, column))
    }, linear)
  const inputs = { encoded: free(encoded, shape.encoded), start, ...Object.fromEntries(columns) }
  const output = tabularOutput(ops, Object.fromEntries(weights), inputs, shape)
  const { trees } = network
  const blended =
    trees === undefined
      ? output
      : blendTreesOnnx(graph, ops, trees, { output, start: withCategories(start), numeric, categorical })
  if (head.kind === 'hazard') writeHazards(graph, blended.value, head, shape.outputs)
  else writeHead(graph, { numeric, categorical, linear }, blended.value, head)
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

function writeHazards(
  graph: OnnxGraph,
  output: OnnxValue,
  { calibration, horizons }: Extract<TabularHead, { kind: 'hazard' }>,
  width: number,
): void {
  const logit = logitOnnx(graph, 'calibration', output, [calibration])
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
  inputs: HeadInputs,
  output: OnnxValue,
  head: Exclude<TabularHead, { kind: 'hazard' }>,
): void {
  const { numeric } = inputs
  if (head.kind === 'growth') {
    writeGrowthHead(graph, numeric, output, head)
    return
  }
  if (head.kind === 'classification') {
    const { early } = head
    const calibrated = logitOnnx(graph, 'calibration', output, head.calibrations)
    const logit =
      early === undefined
        ? calibrated
        : graph.node('Where', [
            allMissing(graph, numeric, early.columns),
            calibrated,
            logitOnnx(graph, 'early_calibration', output, early.calibrations),
          ])
    graph.output('probability', graph.node('Sigmoid', [logit]), 'float32', [-1, head.calibrations.length])
    return
  }
  writeRegressionHead(graph, inputs, output, head)
}

/** @param scales one for all outputs, or one for each */
function logitOnnx(graph: OnnxGraph, name: string, output: OnnxValue, scales: readonly PlattScale[]): OnnxValue {
  const constant = (part: keyof PlattScale): OnnxValue =>
    graph.constant(
      `${name}/${part}`,
      Float32Array.from(scales, (scale) => scale[part]),
      [1, scales.length],
    )
  return graph.node('Add', [graph.node('Mul', [output, constant('slope')]), constant('intercept')])
}
