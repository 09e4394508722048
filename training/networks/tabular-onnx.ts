import type { PlattScale } from '../evaluation/platt.ts'
import { OnnxGraph, type OnnxValue } from '../export/onnx-graph.ts'
import { allMissing } from './all-missing-onnx.ts'
import { type GrowthHead, writeGrowthHead } from './growth-head-onnx.ts'
import { type RegressionHead, writeRegressionHead } from './regression-head-onnx.ts'
import { encodedOnnx } from './tabular-encoder-onnx.ts'
import {
  type AlternativeOutputs,
  type ExportedTabular,
  networkOnnx,
  type TabularOnnxInputs,
} from './tabular-network-onnx.ts'

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
      readonly decided?: DecidedHead | undefined
    }
  | {
      /** Discrete-time hazards: `[n, T]`, and the probability of the event within each horizon, `[n, H]`. */
      readonly kind: 'hazard'
      readonly calibration: PlattScale
      /** Intervals of each horizon, ≤ T; `[H]`. */
      readonly horizons: readonly number[]
    }

/** What is certain: where numeric column `column` exceeds the threshold of an output, its probability is 1. */
interface DecidedHead {
  readonly column: number
  /** Infinity where nothing is; of each output. */
  readonly thresholds: readonly number[]
}

/**
 * The whole model as one ONNX file: encoding, the linear start, the network, and the head; inputs and outputs as models/payloads/tabular.ts
 * says.
 */
export function tabularOnnx(name: string, model: ExportedTabular, head: TabularHead): Uint8Array {
  const graph = new OnnxGraph(name)
  const numeric = graph.input('numeric', 'float32', [-1, model.prepared.encoder.featureCount])
  const categorical = graph.input('categorical', 'int32', [-1, model.shape.vocabularies.length])
  const encoded = encodedOnnx(graph, model.prepared.encoder, numeric)
  const inputs = { numeric, categorical, encoded }
  const output = networkOnnx(graph, model, inputs, head.kind === 'regression' ? alternativeOf(head) : undefined)
  if (head.kind === 'hazard') writeHazards(graph, output, head, model.shape.outputs)
  else writeHead(graph, inputs, output, head)
  return graph.build()
}

/** The headline's level or its growth: no row needs both. */
function alternativeOf({ early }: RegressionHead): AlternativeOutputs | undefined {
  return early?.grows[0] ? { column: early.countColumn[0]!, known: 1, missing: 0 } : undefined
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
  inputs: TabularOnnxInputs,
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
    const probability = graph.node('Sigmoid', [logit])
    const its = head.decided ? decidedOnnx(graph, numeric, probability, head.decided) : probability
    graph.output('probability', its, 'float32', [-1, head.calibrations.length])
    return
  }
  writeRegressionHead(graph, inputs, output, head)
}

function decidedOnnx(
  graph: OnnxGraph,
  numeric: OnnxValue,
  probability: OnnxValue,
  { column, thresholds }: DecidedHead,
): OnnxValue {
  const at = graph.constant('decided_column', BigInt64Array.of(BigInt(column)), [1])
  const reached = graph.node('Greater', [
    graph.node('Gather', [numeric, at], { axis: 1 }),
    graph.constant('decided_thresholds', Float32Array.from(thresholds), [1, thresholds.length]),
  ])
  return graph.node('Where', [reached, graph.constant('certain', Float32Array.of(1), []), probability])
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
