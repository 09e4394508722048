import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { OnnxGraph } from '../../../training/export/onnx-graph.ts'
import { writeGrowthHead } from '../../../training/networks/growth-head-onnx.ts'

it('between two ages lies a straight line, beyond the ends the end holds, and nothing shrinks', async () => {
  const graph = new OnnxGraph('growth')
  const numeric = graph.input('numeric', 'float32', [-1, 2])
  const output = graph.input('output', 'float32', [-1, 1])
  writeGrowthHead(graph, numeric, output, {
    kind: 'growth',
    ages: [0, 1, 3],
    mean: Float32Array.of(2, 1, 0),
    scale: Float32Array.of(1, 1, 0),
    lower: Float32Array.of(-3, -0.5, 0),
    upper: Float32Array.of(3, 0.5, 0),
    ageColumn: 0,
    countColumns: [1],
  })
  const session = await InferenceSession.create(graph.build())
  const soFar = Math.log1p(9)
  const ages = [0, 0.5, 1, 2, 3, 9, 0]
  const outputs = [0, 0, 0, 0, 0, 5, -9]
  const result = await session.run({
    numeric: new Tensor('float32', Float32Array.from(ages.flatMap((age) => [age, soFar])), [ages.length, 2]),
    output: new Tensor('float32', Float32Array.from(outputs), [ages.length, 1]),
  })
  const growth = (name: string): number[] =>
    [...(result[name]!.data as Float32Array)].map((count) => Number((Math.log1p(count) - soFar).toFixed(5)))
  expect(growth('prediction')).toEqual([2, 1.5, 1, 0.5, 0, 0, 0])
  // −3 at age 0 would be less than there is
  expect(growth('lower')).toEqual([0, 0, 0.5, 0.25, 0, 0, 0])
  expect(growth('upper')).toEqual([5, 3.25, 1.5, 0.75, 0, 0, 3])
})
