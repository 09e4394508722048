import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { boostTrees } from '../../../training/estimators/boosting/boost-trees.ts'
import { binFeatures, encodeBins } from '../../../training/estimators/boosting/feature-bins.ts'
import { squaredError } from '../../../training/estimators/boosting/losses.ts'
import type { Tree } from '../../../training/estimators/boosting/tree.ts'
import { OnnxGraph } from '../../../training/export/onnx-graph.ts'
import { alternativeTreesOnnx, treesOnnx } from '../../../training/export/trees-onnx.ts'
import { sumTrees } from '../../support/sum-trees.ts'
import { fitEnvironment } from '../fit-environment.ts'

const rowCount = 500
const featureCount = 3
const random = createRandom(5)
const columns = Array.from({ length: featureCount }, (_, feature) =>
  Float32Array.from({ length: rowCount }, () => {
    if (random.uniform() < 0.1) return Number.NaN
    return feature === 0 ? random.int(6) : 100 * random.normal()
  }),
)
const bins = binFeatures(
  columns,
  Int32Array.from({ length: rowCount }, (_, i) => i),
  64,
)

async function grow(seed: number): Promise<readonly Tree[]> {
  const target = Float64Array.from({ length: rowCount }, (_, i) =>
    Number.isNaN(columns[0]![i]!) ? 3 : Math.sin(columns[1]![i]! / 50) + columns[0]![i]! + seed,
  )
  const lesson = { bins, loss: squaredError, target, start: new Float64Array(rowCount), valid: undefined }
  const options = { trees: 30, patience: 1, leaves: 12, rate: 0.3, l2: 1, minRows: 3, rowShare: 0.7, featureShare: 0.7 }
  const rows = Int32Array.from({ length: rowCount }, (_, i) => i)
  return (await boostTrees({ ...lesson, rows }, options, { ...fitEnvironment, seed })).trees
}

/** @param rows `[n][F]` */
async function run(
  build: (graph: OnnxGraph) => Uint8Array,
  rows: readonly (readonly number[])[],
): Promise<Float32Array> {
  const session = await InferenceSession.create(build(new OnnxGraph('trees')))
  const x = new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, featureCount])
  const result = await session.run({ x })
  await session.release()
  return result.y!.data as Float32Array
}

describe('treesOnnx', () => {
  it('equals the trainer on values, on every edge and beside it, on infinite and missing ones', async () => {
    const [first, second] = [await grow(1), await grow(2)]
    const nextAbove = (value: number): number => Math.fround(value + Math.max(1e-30, Math.abs(value) * 2 ** -23))
    const odd = bins.edges.flatMap((edges, feature) =>
      [...edges].flatMap((edge) =>
        [edge, nextAbove(edge)].map((value) =>
          Array.from({ length: featureCount }, (_, f) => (f === feature ? value : 0)),
        ),
      ),
    )
    const { NaN: nan, POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number
    const rows = [
      ...Array.from({ length: rowCount }, (_, i) => columns.map((column) => column[i]!)),
      ...odd,
      [nan, nan, nan],
      [most, least, most],
      [1e30, nan, -1e30],
    ]
    const got = await run((graph) => {
      const x = graph.input('x', 'float32', [-1, featureCount])
      const groups = [
        { trees: first, factor: 0.5 },
        { trees: second, factor: 2 },
      ]
      graph.output('y', treesOnnx(graph, x, bins.edges, groups), 'float32', [-1, 1])
      return graph.build()
    }, rows)
    const coded = {
      rowCount: rows.length,
      edges: bins.edges,
      codes: bins.edges.map((edges, f) =>
        encodeBins(
          Float32Array.from(rows, (row) => row[f]!),
          edges,
        ),
      ),
    }
    const [a, b] = [sumTrees(first, coded), sumTrees(second, coded)]
    rows.forEach((row, i) => {
      expect(got[i], `row ${row}`).toBeCloseTo(0.5 * a[i]! + 2 * b[i]!, 4)
    })
  })

  it('of no trees, or of a single leaf, is a constant', async () => {
    const leaf: Tree = {
      feature: Int32Array.of(-1),
      threshold: Uint8Array.of(0),
      missingLeft: Uint8Array.of(0),
      left: Int32Array.of(0),
      right: Int32Array.of(0),
      value: Float32Array.of(3),
    }
    const build = (trees: readonly Tree[]) => (graph: OnnxGraph) => {
      const x = graph.input('x', 'float32', [-1, featureCount])
      graph.output('y', treesOnnx(graph, x, bins.edges, [{ trees, factor: 1 }]), 'float32', [-1, 1])
      return graph.build()
    }
    expect([...(await run(build([leaf, leaf]), [[1, 2, 3]]))]).toEqual([6])
    expect([...(await run(build([]), [[1, 2, 3]]))]).toEqual([0])
  })
})

describe('alternativeTreesOnnx', () => {
  it('asks one forest where a column is known, the other where it is missing, however many trees each has', async () => {
    const [few, many] = [(await grow(1)).slice(0, 3), await grow(2)]
    const rows = Array.from({ length: rowCount }, (_, i) => columns.map((column) => column[i]!))
    const build = (known: readonly Tree[], missing: readonly Tree[]) => (graph: OnnxGraph) => {
      const x = graph.input('x', 'float32', [-1, featureCount])
      const of = (trees: readonly Tree[]) => [{ trees, factor: 1 }]
      const y = alternativeTreesOnnx(graph, x, bins.edges, { column: 1, known: of(known), missing: of(missing) })
      graph.output('y', y, 'float32', [-1, 1])
      return graph.build()
    }
    const sums = new Map([few, many].map((trees) => [trees, sumTrees(trees, bins)]))
    for (const [known, missing] of [[few, many] as const, [many, few] as const]) {
      const got = await run(build(known, missing), rows)
      rows.forEach((row, i) => {
        expect(got[i], `row ${row}`).toBeCloseTo(sums.get(Number.isNaN(row[1]!) ? missing : known)![i]!, 4)
      })
    }
    expect(rows.filter((row) => Number.isNaN(row[1]!)).length).toBeGreaterThan(10)
  })
})
