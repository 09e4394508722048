import { gmfWidth, mlpWidth, type NeuMfWeights } from '../networks/neu-mf.ts'
import { OnnxGraph, type OnnxValue } from './onnx-graph.ts'

/**
 * NeuMF as ONNX: `user` int32 [n], `item` int32 [n] → `score` float32 [n].
 *
 * The first hidden layer is folded into the tables, [a_u ; b_i]·W + c = (a_u·W_user) + (b_i·W_item + c): serving scores hundreds of items
 * for one user, and gathers and adds instead of multiplying.
 */
export function exportNeuMf(weights: NeuMfWeights): Uint8Array {
  const graph = new OnnxGraph(weights.shape.variant)
  const user = graph.input('user', 'int32', [-1])
  const item = graph.input('item', 'int32', [-1])
  const bias = graph.constant('item_bias', weights.itemBias, [weights.shape.itemCount, 1])
  let score = graph.node('Gather', [bias, item], { axis: 0 })
  for (const part of [factors(graph, weights, user, item), perceptron(graph, weights, user, item)]) {
    if (part !== undefined) score = graph.node('Add', [score, part])
  }
  const columns = graph.constant('column_axis', new BigInt64Array([1n]), [1])
  graph.output('score', graph.node('Squeeze', [score, columns]), 'float32', [-1])
  return graph.build()
}

/** outputGmfᵀ(p_u ⊙ q_i), `[n, 1]`; the output weights are folded into the users' table. */
function factors(graph: OnnxGraph, weights: NeuMfWeights, user: OnnxValue, item: OnnxValue): OnnxValue | undefined {
  const { shape, outputGmf } = weights
  const gmf = gmfWidth(shape)
  if (gmf === 0) return undefined
  const p = tableColumns(weights.users, weights, 0, gmf)
  const weighted = p.map((value, i) => value * outputGmf[i % gmf]!)
  const users = graph.constant('user_factors', weighted, [shape.userCount, gmf])
  const items = graph.constant('item_factors', tableColumns(weights.items, weights, 0, gmf), [shape.itemCount, gmf])
  const product = graph.node('Mul', [
    graph.node('Gather', [users, user], { axis: 0 }),
    graph.node('Gather', [items, item], { axis: 0 }),
  ])
  return graph.node('ReduceSum', [product, graph.constant('factor_axis', new BigInt64Array([1n]), [1])], {
    keepdims: 1,
  })
}

/** outputMlpᵀ·h_L, `[n, 1]`. */
function perceptron(graph: OnnxGraph, weights: NeuMfWeights, user: OnnxValue, item: OnnxValue): OnnxValue | undefined {
  const { shape, hidden, outputMlp } = weights
  const first = hidden[0]
  if (first === undefined) return undefined
  const mlp = mlpWidth(shape)
  const width = first.outputSize
  const embeddings = (table: Float32Array): Float32Array => tableColumns(table, weights, gmfWidth(shape), mlp)
  const upper = first.weight.subarray(0, mlp * width)
  const lower = first.weight.subarray(mlp * width)
  const none = new Float32Array(width)
  const users = graph.constant('user_layer', times(embeddings(weights.users), upper, mlp, none), [
    shape.userCount,
    width,
  ])
  const items = graph.constant('item_layer', times(embeddings(weights.items), lower, mlp, first.bias), [
    shape.itemCount,
    width,
  ])
  let h = graph.node('Relu', [
    graph.node('Add', [
      graph.node('Gather', [users, user], { axis: 0 }),
      graph.node('Gather', [items, item], { axis: 0 }),
    ]),
  ])
  for (const [i, { inputSize, outputSize, weight, bias }] of hidden.slice(1).entries()) {
    const w = graph.constant(`weight_${i + 2}`, weight, [inputSize, outputSize])
    const c = graph.constant(`bias_${i + 2}`, bias, [outputSize])
    h = graph.node('Relu', [graph.node('Gemm', [h, w, c])])
  }
  return graph.node('MatMul', [h, graph.constant('output', outputMlp, [outputMlp.length, 1])])
}

/** `count` columns of an embedding table as a table of their own. */
function tableColumns(table: Float32Array, { shape }: NeuMfWeights, from: number, count: number): Float32Array {
  const width = gmfWidth(shape) + mlpWidth(shape)
  return Float32Array.from(
    { length: (table.length / width) * count },
    (_, i) => table[Math.floor(i / count) * width + from + (i % count)]!,
  )
}

/** rows·weight + bias: rows `[n, inner]`, weight `[inner, columns]`, bias `[columns]`. */
function times(rows: Float32Array, weight: Float32Array, inner: number, bias: Float32Array): Float32Array {
  const columns = bias.length
  const out = new Float32Array((rows.length / inner) * columns)
  for (let row = 0; row < rows.length / inner; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = bias[column]!
      for (let j = 0; j < inner; j++) sum += rows[row * inner + j]! * weight[j * columns + column]!
      out[row * columns + column] = sum
    }
  }
  return out
}
