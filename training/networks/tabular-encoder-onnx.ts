import type { OnnxGraph, OnnxValue } from '../export/onnx-graph.ts'
import { type TabularEncoder, zLimit } from './tabular-encoder.ts'

/** The columns of `encodeTabular` inside a graph, in an order that onnxruntime makes them fast in. */
export interface EncodedOnnx {
  /** `[n, width]` */
  readonly columns: OnnxValue
  readonly width: number
  /** The first of them, which linear models read: `[n, linearWidth]`. */
  readonly linear: OnnxValue
  readonly linearWidth: number
  /** Where the graph has each column of `encodeTabular`; `[encodedWidth]`. Columns that are nobody's place mean nothing. */
  readonly places: Int32Array
}

/** Adds z of `encodeTabular` to a graph, `[n, F]`, and where it is missing, `[n, F]`, bool. */
export function standardisedOnnx(
  graph: OnnxGraph,
  encoder: TabularEncoder,
  x: OnnxValue,
): { readonly z: OnnxValue; readonly missing: OnnxValue } {
  const scalar = (name: string, value: number): OnnxValue => graph.constant(name, Float32Array.from([value]), [])
  const row = (name: string, data: Float32Array): OnnxValue => graph.constant(name, data, [1, data.length])
  const zero = scalar('zero', 0)
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
  return { z: graph.node('Where', [missing, zero, clipped]), missing }
}

/**
 * Adds the columns of `encodeTabular` to a graph: z, the missing flags, and the bins. The bins stand round by round, the first of every
 * feature, the second of every feature…: so each round is a copy of z as a whole, where picking the feature of each bin costs
 * more than the rest of the graph.
 *
 * @param x `[n, F]`, raw, NaN = missing
 */
export function encodedOnnx(graph: OnnxGraph, encoder: TabularEncoder, x: OnnxValue): EncodedOnnx {
  const { featureCount, optional, binFeature } = encoder
  const { z, missing } = standardisedOnnx(graph, encoder, x)
  const blocks = [z]
  const places = [...new Int32Array(featureCount).keys()]
  const end = (): number => blocks.length * featureCount
  if (optional.length > 0) {
    for (const feature of optional) places.push(end() + feature)
    blocks.push(graph.node('Cast', [missing], { to: 1 }))
  }
  const together = (): OnnxValue => (blocks.length === 1 ? z : graph.node('Concat', [...blocks], { axis: 1 }))
  const linear = together()
  const linearWidth = end()
  const round = roundsOf(binFeature)
  const rounds = Math.max(0, ...round.map((its) => its + 1))
  const width = end() + rounds * featureCount
  if (rounds > 0) {
    const edge = new Float32Array(rounds * featureCount)
    // A feature without a bin in this round gets 0 · (z − 0).
    const slope = new Float32Array(rounds * featureCount)
    binFeature.forEach((feature, bin) => {
      const at = round[bin]! * featureCount + feature
      edge[at] = encoder.binEdge[bin]!
      slope[at] = encoder.binSlope[bin]!
      places.push(end() + at)
    })
    const row = (name: string, data: Float32Array): OnnxValue => graph.constant(name, data, [1, data.length])
    const limit = (name: string, value: number): OnnxValue => graph.constant(name, Float32Array.from([value]), [])
    const copies = graph.constant('bin_rounds', BigInt64Array.from([1n, BigInt(rounds)]), [2])
    const position = graph.node('Mul', [
      graph.node('Sub', [graph.node('Tile', [z, copies]), row('bin_edge', edge)]),
      row('bin_slope', slope),
    ])
    blocks.push(graph.node('Clip', [position, limit('bin_start', 0), limit('bin_end', 1)]))
  }
  return { columns: together(), width, linear, linearWidth, places: Int32Array.from(places) }
}

/** Which of its feature's bins each is; bins of a feature stand together. */
function roundsOf(binFeature: Int32Array): number[] {
  const rounds: number[] = []
  binFeature.forEach((feature, bin) => {
    rounds.push(bin > 0 && binFeature[bin - 1] === feature ? rounds[bin - 1]! + 1 : 0)
  })
  return rounds
}

/**
 * A matrix over the columns of `encodeTabular`, or over the first of them, as one over those of the graph.
 *
 * @param width  of the graph's columns: the rows of the result
 * @param matrix row-major
 */
export function placeRows(places: Int32Array, width: number, matrix: Float32Array, rows: number): Float32Array {
  const n = matrix.length / rows
  const placed = new Float32Array(width * n)
  for (let i = 0; i < rows; i++) placed.set(matrix.subarray(i * n, (i + 1) * n), places[i]! * n)
  return placed
}
