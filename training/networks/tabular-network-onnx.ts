import type { OnnxGraph, OnnxValue } from '../export/onnx-graph.ts'
import { alternativeTreesOnnx, treesOnnx, type WeighedTrees } from '../export/trees-onnx.ts'
import { linearWidth } from './tabular-encoder.ts'
import { type EncodedOnnx, placeRows } from './tabular-encoder-onnx.ts'
import type { PreparedTable, TabularModel } from './tabular-model.ts'
import { sequenceWeights, type TabularTrees } from './tabular-trees.ts'

/** What of a model the graph holds. */
export type ExportedTabular = Pick<TabularModel, 'shape' | 'network'> & {
  readonly prepared: Pick<PreparedTable, 'encoder'>
}

/** What the parts of a graph read. */
export interface TabularOnnxInputs {
  /** `[n, F]`, raw, NaN = missing */
  readonly numeric: OnnxValue
  /** int32 `[n, C]` */
  readonly categorical: OnnxValue
  /** Made of `numeric`. */
  readonly encoded: EncodedOnnx
}

/** Two outputs of which a row needs one: that of `known` where the numeric column is known, the other elsewhere. */
export interface AlternativeOutputs {
  readonly column: number
  readonly known: number
  readonly missing: number
}

/** How much of an output its parts are. */
interface OutputShares {
  /** The network's, its linear start included. */
  readonly network: number
  /** Of the sequences of trees: the one that corrects the linear start, which therefore counts as often again, and the other. */
  readonly corrections: number
  readonly own: number
}

/**
 * Adds network, linear start and trees to a graph: what `TabularModel.predict` says, `[n, T]`. It is the sum that `tabularOutput` and
 * `blendTrees` make, put together anew so that it costs less: what is linear in the encoded columns or in a category is one product and
 * one table, the mean over members is part of the last product, and the trees' sum is made for the outputs that have trees only.
 */
export function networkOnnx(
  graph: OnnxGraph,
  model: ExportedTabular,
  { numeric, categorical, encoded }: TabularOnnxInputs,
  alternative?: AlternativeOutputs,
): OnnxValue {
  const { shape, network } = model
  const { hidden: H, members: K, outputs: T, vocabularies } = shape
  const shares = sharesOf(network.trees, T)
  const product = graph.node('Gemm', [
    encoded.columns,
    graph.constant('columns', placeRows(encoded.places, encoded.width, columnWeights(model, shares), shape.encoded), [
      encoded.width,
      H + T,
    ]),
    graph.constant('columns_bias', columnBias(model, shares), [1, H + T]),
  ])
  const both =
    vocabularies.length === 0 ? product : graph.node('Add', [product, fieldSums(graph, model, shares, categorical)])
  const sizes = graph.constant('first_and_start', BigInt64Array.from([BigInt(H), BigInt(T)]), [2])
  const [sum, start] = graph.nodes('Split', [both, sizes], 2, { axis: 1 })
  const h2 = hiddenOnnx(graph, model, sum!)
  const heads = graph.constant('heads', headWeights(model, shares), [K * H, T])
  const output = graph.node('Gemm', [h2, heads, start!])
  const treed = 1 + shares.findLastIndex(({ network: its }) => its < 1)
  return treed === 0
    ? output
    : graph.node('Add', [
        output,
        sumOfTrees(graph, network.trees!, shares.slice(0, treed), T, { numeric, categorical }, alternative),
      ])
}

const sharesOf = (trees: TabularTrees | undefined, outputs: number): OutputShares[] =>
  Array.from({ length: outputs }, (_, t) => {
    const share = trees?.shares[t] ?? 0
    if (trees === undefined || share === 0) return { network: 1, corrections: 0, own: 0 }
    const { corrections, own } = sequenceWeights(trees.outputs[t]!)
    return { network: 1 - share, corrections: share * corrections, own: share * own }
  })

/** The first layer and the linear start side by side; `[encodedWidth, H + T]`. */
function columnWeights({ shape, network, prepared }: ExportedTabular, shares: readonly OutputShares[]): Float32Array {
  const { encoded, hidden: H, outputs: T } = shape
  const linear = linearWidth(prepared.encoder)
  const weights = new Float32Array(encoded * (H + T))
  for (let i = 0; i < encoded; i++) {
    weights.set(network.parameters.first!.subarray(i * H, (i + 1) * H), i * (H + T))
    for (let t = 0; i < linear && t < T; t++) {
      weights[i * (H + T) + H + t] = startShare(shares[t]!) * network.start.skip[i * T + t]!
    }
  }
  return weights
}

const startShare = ({ network, corrections }: OutputShares): number => network + corrections

/** 0 for the first layer; for the outputs the intercept, the members' mean bias, and where the trees begin. */
function columnBias({ shape, network }: ExportedTabular, shares: readonly OutputShares[]): Float32Array {
  const { hidden: H, outputs: T, members: K } = shape
  const bias = new Float32Array(H + T)
  for (let t = 0; t < T; t++) {
    let members = 0
    for (let k = 0; k < K; k++) members += network.parameters.head_bias![k * T + t]! / K
    const { own } = shares[t]!
    bias[H + t] =
      startShare(shares[t]!) * network.start.intercept[t]! +
      shares[t]!.network * members +
      (own === 0 ? 0 : own * network.trees!.outputs[t]!.mean)
  }
  return bias
}

/** What the categories of a row add to first layer and outputs, `[n, H + T]`: rows of one table of all fields, summed. */
function fieldSums(
  graph: OnnxGraph,
  { shape, network }: ExportedTabular,
  shares: readonly OutputShares[],
  categorical: OnnxValue,
): OnnxValue {
  const { hidden: H, outputs: T, vocabularies } = shape
  const width = H + T
  const offsets = vocabularies.map((_, field) => vocabularies.slice(0, field).reduce((a, b) => a + b, 0))
  const total = vocabularies.reduce((a, b) => a + b, 0)
  const table = new Float32Array(total * width)
  for (const [field, size] of vocabularies.entries()) {
    const { [`embedding${field}`]: embedding, [`widen${field}`]: widen, [`bias${field}`]: bias } = network.parameters
    const inner = widen!.length / H
    for (let value = 0; value < size; value++) {
      const to = table.subarray((offsets[field]! + value) * width, (offsets[field]! + value + 1) * width)
      for (let j = 0; j < inner; j++) {
        const factor = embedding![value * inner + j]!
        for (let h = 0; h < H; h++) to[h]! += factor * widen![j * H + h]!
      }
      for (let t = 0; t < T; t++) {
        const at = value * T + t
        to[H + t] = shares[t]!.network * bias![at]! + shares[t]!.corrections * network.start.biases[field]![at]!
      }
    }
  }
  const at = graph.node('Add', [
    categorical,
    graph.constant('field_offsets', Int32Array.from(offsets), [1, offsets.length]),
  ])
  const rows = graph.node('Gather', [graph.constant('fields', table, [total, width]), at], { axis: 0 })
  return graph.node('ReduceSum', [rows, graph.constant('field_axis', BigInt64Array.from([1n]), [1])], { keepdims: 0 })
}

/**
 * Both hidden layers of all members, `[n, K·H]`: as `tabularMembers`, but the members of a row stand together.
 *
 * @param sum of the first layer before scales and biases, `[n, H]`
 */
function hiddenOnnx(graph: OnnxGraph, { shape, network }: ExportedTabular, sum: OnnxValue): OnnxValue {
  const { hidden: H, members: K } = shape
  const { parameters } = network
  const row = (name: string): OnnxValue => graph.constant(name, parameters[name]!, [1, K * H])
  const sizes = (name: string, ...its: number[]): OnnxValue =>
    graph.constant(name, BigInt64Array.from(its, BigInt), [its.length])
  const each = graph.node('Mul', [graph.node('Tile', [sum, sizes('for_each_member', 1, K)]), row('first_scale')])
  const h1 = graph.node('Relu', [graph.node('Add', [each, row('first_bias')])])
  const input = graph.node('Reshape', [graph.node('Mul', [h1, row('second_input')]), sizes('one_member', -1, H)])
  const product = graph.node('MatMul', [input, graph.constant('second', parameters.second!, [H, H])])
  const mixed = graph.node('Reshape', [product, sizes('all_members', -1, K * H)])
  const scaled = graph.node('Mul', [mixed, row('second_scale')])
  const deep = graph.node('Relu', [graph.node('Add', [scaled, row('second_bias')])])
  return graph.node('Add', [h1, deep])
}

/** The heads of all members one under the other, for the mean of their outputs; `[K·H, T]`. */
function headWeights({ shape, network }: ExportedTabular, shares: readonly OutputShares[]): Float32Array {
  const { members: K, outputs: T } = shape
  return network.parameters.heads!.map((weight, at) => (shares[at % T]!.network * weight) / K)
}

/**
 * What the trees add, `[n, T]`.
 *
 * @param shares of the outputs that may have trees; those behind them get nothing
 */
function sumOfTrees(
  graph: OnnxGraph,
  { edges, outputs }: TabularTrees,
  shares: readonly OutputShares[],
  T: number,
  { numeric, categorical }: Pick<TabularOnnxInputs, 'numeric' | 'categorical'>,
  alternative: AlternativeOutputs | undefined,
): OnnxValue {
  const features = graph.node('Concat', [numeric, graph.node('Cast', [categorical], { to: 1 })], { axis: 1 })
  const forests = shares.map(({ corrections, own }, t): WeighedTrees[] => [
    { trees: outputs[t]!.corrections, factor: corrections },
    { trees: outputs[t]!.own, factor: own },
  ])
  const either = alternative && [alternative.known, alternative.missing]
  const joined = either?.every((t) => t < forests.length)
    ? alternativeTreesOnnx(graph, features, edges, {
        column: alternative!.column,
        known: forests[alternative!.known]!,
        missing: forests[alternative!.missing]!,
      })
    : undefined
  const each = forests.map((forest, t) =>
    joined !== undefined && either!.includes(t) ? joined : treesOnnx(graph, features, edges, forest),
  )
  const rest = BigInt64Array.from([0n, 0n, 0n, BigInt(T - shares.length)])
  const sums = each.length === 1 ? each[0]! : graph.node('Concat', each, { axis: 1 })
  return shares.length === T ? sums : graph.node('Pad', [sums, graph.constant('outputs_without_trees', rest, [4])])
}
