import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { OnnxGraph } from '../../../training/export/onnx-graph.ts'
import { writeRegressionHead } from '../../../training/networks/regression-head-onnx.ts'

const e = Math.E

type Head = Parameters<typeof writeRegressionHead>[3]

/** Sums of a single output each. */
const only = (width: number, outputs: readonly number[]): Float32Array => {
  const sums = new Float32Array(width * outputs.length)
  for (const [t, output] of outputs.entries()) sums[output * outputs.length + t] = 1
  return sums
}

/** Targets: views of 7 days (output 0, growth 1), views of 1 day (output 2), a share (output 3); early counts: views, likes. */
const countedEarly: Head = {
  kind: 'regression',
  logarithm: Float32Array.of(1, 1, 0),
  mean: Float32Array.of(2, 0.5, 1, 0.25),
  scale: Float32Array.of(2, 0.5, 1, 0.1),
  sums: only(4, [0, 2, 3]),
  lower: Float32Array.of(-1, -1, -0.1),
  upper: Float32Array.of(1, 1, 0.1),
  early: {
    lower: Float32Array.of(-0.25, -9, -0.05),
    upper: Float32Array.of(0.25, 9, 0.05),
    columns: [0, 1],
    sums: only(4, [1, 2, 3]),
    grows: Float32Array.of(1, 0, 0),
    countColumn: Int32Array.of(0, 0, -1),
    settled: Float32Array.of(0, 1, 0),
  },
}

interface Row {
  readonly early: readonly [number, number]
  readonly output: readonly number[]
}

async function run(rows: readonly Row[], head = countedEarly) {
  const graph = new OnnxGraph('head')
  const width = head.scale.length
  const numeric = graph.input('numeric', 'float32', [-1, 2])
  const output = graph.input('output', 'float32', [-1, width])
  const encoded = { columns: numeric, width: 2, linear: numeric, linearWidth: 2, places: Int32Array.of(0, 1) }
  writeRegressionHead(graph, { numeric, categorical: numeric, encoded }, output, head)
  const session = await InferenceSession.create(graph.build())
  const result = await session.run({
    numeric: new Tensor('float32', Float32Array.from(rows.flatMap(({ early }) => early)), [rows.length, 2]),
    output: new Tensor('float32', Float32Array.from(rows.flatMap((row) => row.output)), [rows.length, width]),
  })
  const of = (name: string) => Array.from(result[name]!.data as Float32Array, (value) => Number(value.toPrecision(5)))
  return { prediction: of('prediction'), lower: of('lower'), upper: of('upper') }
}

const close = (values: readonly number[]): number[] => values.map((value) => Number(value.toPrecision(5)))

it('without early counts takes the levels and their intervals', async () => {
  const { prediction, lower, upper } = await run([{ early: [Number.NaN, Number.NaN], output: [0.5, 99, 1, 0] }])
  // ln(1 + views) = .5·2 + 2; = 1·1 + 1; share = .25
  expect(prediction).toEqual(close([e ** 3 - 1, e ** 2 - 1, 0.25]))
  expect(lower).toEqual(close([e ** 2 - 1, e - 1, 0.15]))
  expect(upper).toEqual(close([e ** 4 - 1, e ** 3 - 1, 0.35]))
})

it('with early counts lets them grow, and takes those of the first day as they are', async () => {
  const { prediction, lower, upper } = await run([{ early: [99, 5], output: [99, 1, 99, 0] }])
  // ln(1 + views) = ln 100 + 1·.5 + .5
  expect(prediction).toEqual(close([100 * e - 1, 99, 0.25]))
  expect(lower).toEqual(close([100 * e ** 0.75 - 1, 99, 0.2]))
  expect(upper).toEqual(close([100 * e ** 1.25 - 1, 99, 0.3]))
})

it('foretells no less than what was counted', async () => {
  const { prediction, lower, upper } = await run([{ early: [99, 5], output: [99, -1.2, 99, 0] }])
  // growth = −1.2·.5 + .5 = −.1: with .25 more above what there is
  expect([prediction[0], lower[0], upper[0]]).toEqual(close([99, 99, 100 * e ** 0.15 - 1]))
})

it('with early counts of another quantity alone takes level and interval of before, but for what nobody counts early', async () => {
  const { prediction, lower, upper } = await run([{ early: [Number.NaN, 5], output: [0.5, 99, 1, 0] }])
  expect(prediction).toEqual(close([e ** 3 - 1, e ** 2 - 1, 0.25]))
  expect(lower).toEqual(close([e ** 2 - 1, e - 1, 0.2]))
  expect(upper).toEqual(close([e ** 4 - 1, e ** 3 - 1, 0.3]))
})

it('goes on from a column where it has one', async () => {
  const { prediction, upper } = await run([{ early: [77, 4], output: [0.5, -5] }], {
    kind: 'regression',
    logarithm: Float32Array.of(1, 1),
    mean: Float32Array.of(-1, 0),
    scale: Float32Array.of(2, 1),
    sums: only(2, [0, 1]),
    lower: Float32Array.of(-1, -1),
    upper: Float32Array.of(1, 1),
    since: 1,
  })
  // .5·2 − 1 + 4 and −5 + 4, of which no count is less than none
  expect(prediction).toEqual(close([e ** 4 - 1, 0]))
  expect(upper[0]).toBe(close([e ** 5 - 1])[0])
})

/** Targets: views of 7 days (output 0), of 1 and 3 days (1, 2), and of 14 and 28 (steps: 3, 4); ends by one width each. */
const byDays: Head = {
  kind: 'regression',
  logarithm: new Float32Array(5).fill(1),
  mean: Float32Array.of(0, 0, 0, 0.5, 0.25),
  scale: new Float32Array(5).fill(1),
  // biome-ignore format: a row per output, and then per output above 0
  sums: Float32Array.of(
    1, 0, 0, 1, 1,
    0, 1, 0, 0, 0,
    0, 0, 1, 0, 0,
    0, 0, 0, 0, 0,
    0, 0, 0, 0, 0,

    0, 0, 0, 0, 0,
    0, 0, 0, 0, 0,
    0, 0, 0, 0, 0,
    0, 0, 0, 1, 1,
    0, 0, 0, 0, 1,
  ),
  ladders: { paths: [[0], [0, 2, 1], [0, 2], [0, 3], [0, 3, 4]], sign: [1, -1, -1, 1, 1] },
  lower: Float32Array.of(-1, -1, -1, -3, -1),
  upper: Float32Array.of(1, 5, 1, 1, 0.25),
}

describe('counts of one quantity by several days', () => {
  const days = (output: readonly number[]) => run([{ early: [Number.NaN, Number.NaN], output }], byDays)
  const counts = (logs: readonly number[]) => close(logs.map(Math.expm1))

  it('climb by steps from the one that stands', async () => {
    const { prediction } = await days([4, 2, 3, 1, -0.125])
    expect(prediction).toEqual(counts([4, 2, 3, 5.5, 5.625]))
  })

  it('never fall, however small a step or great an earlier day', async () => {
    const { prediction } = await days([4, 3.5, 5, -2, -2])
    expect(prediction).toEqual(counts([4, 3.5, 4, 4, 4]))
    expect((await days([4, 3.5, 3, 0, 0])).prediction).toEqual(counts([4, 3, 3, 4.5, 4.75]))
  })

  it('have ends that do not fall either, around their values', async () => {
    const { lower, upper } = await days([4, 2, 3, 1, -0.125])
    // 5.5 − 3 is less than the 4 − 1 of the week before; 2 + 5 is more than the 3 + 1 of the third day.
    expect(lower).toEqual(counts([3, 1, 2, 3, 4.625]))
    expect(upper).toEqual(counts([5, 4, 4, 6.5, 6.5]))
  })
})
