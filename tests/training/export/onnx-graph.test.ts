import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { OnnxGraph, type OnnxValue } from '../../../training/export/onnx-graph.ts'

const run = async (bytes: Uint8Array, feeds: Record<string, Tensor>) => {
  const session = await InferenceSession.create(bytes)
  const result = await session.run(feeds)
  await session.release()
  return result
}

describe('OnnxGraph', () => {
  it('runs in onnxruntime with a free batch size', async () => {
    const graph = new OnnxGraph('linear')
    const x = graph.input('x', 'float32', [-1, 2])
    const w = graph.constant('w', new Float32Array([1, 10]), [2, 1])
    graph.output('y', graph.node('MatMul', [x, w]), 'float32', [-1, 1])
    const bytes = graph.build()
    const one = await run(bytes, { x: new Tensor('float32', new Float32Array([1, 2]), [1, 2]) })
    expect([...(one.y!.data as Float32Array)]).toEqual([21]) // 1·1 + 2·10
    const three = await run(bytes, { x: new Tensor('float32', new Float32Array([1, 2, 0, 1, 3, 0]), [3, 2]) })
    expect([...(three.y!.data as Float32Array)]).toEqual([21, 10, 3])
  })

  it('writes every kind of attribute and constant so that the runtime understands it', async () => {
    const graph = new OnnxGraph('attributes')
    const index = graph.input('index', 'int32', [-1])
    const table = graph.constant('table', new Float32Array([-1, 2, 3, -4]), [2, 2])
    const rows = graph.node('Gather', [table, index], { axis: 0 })
    const leaky = graph.node('LeakyRelu', [rows], { alpha: { float: 0.5 } })
    const axes = graph.constant('axes', new BigInt64Array([-1n]), [1])
    const sums = graph.node('ReduceSum', [leaky, axes], { keepdims: 0 })
    const turned = graph.node('Transpose', [leaky], { perm: [1, 0] })
    const halves = graph.nodes('Split', [turned], 2, { axis: 0 })
    graph.output('sums', sums, 'float32', [-1])
    graph.output('second', halves[1]!, 'float32', [1, -1])
    graph.output('whole', graph.node('Cast', [sums], { to: 6 }), 'int32', [-1])
    const result = await run(graph.build(), { index: new Tensor('int32', new Int32Array([1, 0]), [2]) })
    // rows [3, −4], [−1, 2] → leaky [3, −2], [−.5, 2]
    expect([...(result.sums!.data as Float32Array)]).toEqual([1, 1.5])
    expect([...(result.second!.data as Float32Array)]).toEqual([-2, 2])
    expect([...(result.whole!.data as Int32Array)]).toEqual([1, 1])
  })

  it('pieces in scopes of their own: the same name of a constant twice, each with its value', async () => {
    const graph = new OnnxGraph('sum')
    const x = graph.input('x', 'float32', [-1])
    const piece = (scope: OnnxGraph, value: number): OnnxValue =>
      scope.node('Mul', [x, scope.constant('factor', Float32Array.of(value), [1])])
    graph.output('y', graph.node('Add', [piece(graph.scope('a'), 2), piece(graph.scope('b'), 5)]), 'float32', [-1])
    const { y } = await run(graph.build(), { x: new Tensor('float32', Float32Array.of(3), [1]) })
    expect([...(y!.data as Float32Array)]).toEqual([21]) // 2·3 + 5·3
    expect(() => piece(graph.scope('a'), 1)).toThrow('a/factor')
  })

  it('refuses data that does not fill its shape', () => {
    const graph = new OnnxGraph('g')
    expect(() => graph.constant('w', new Float32Array(5), [2, 3])).toThrow('w has 5 values; expected 6')
  })

  it('refuses a value of another graph', () => {
    expect(() => new OnnxGraph('g').node('Relu', ['elsewhere' as OnnxValue])).toThrow('elsewhere')
  })

  it('refuses a fraction where the operator wants an integer', () => {
    const graph = new OnnxGraph('g')
    graph.output('y', graph.node('Elu', [graph.input('x', 'float32', [-1])], { alpha: 0.5 }), 'float32', [-1])
    expect(() => graph.build()).toThrow('{ float: 0.5 }')
  })
})
