import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { spreadOf } from '../../../training/estimators/residual-spread.ts'
import { fitRidge } from '../../../training/estimators/ridge.ts'
import { spreadHead } from '../../../training/networks/spread-onnx.ts'
import { prepareTable } from '../../../training/networks/tabular-model.ts'
import { tabularOnnx } from '../../../training/networks/tabular-onnx.ts'
import { planted, rowCount, train, usePlantedModel } from './planted-model.ts'

const { input } = usePlantedModel()

describe('tabularOnnx', () => {
  it('equals the trainer, missing values, unknown categories and extremes included', async () => {
    const { table, learn } = input()
    const model = await learn()
    const head = {
      kind: 'regression' as const,
      logarithm: Float32Array.of(1),
      mean: Float32Array.of(2),
      scale: Float32Array.of(1.5),
      sums: Float32Array.of(1),
      lower: Float32Array.of(-1),
      upper: Float32Array.of(1),
    }
    const session = await InferenceSession.create(tabularOnnx('test', model, head))
    const result = await session.run({
      numeric: new Tensor('float32', table.numeric, [rowCount, 2]),
      categorical: new Tensor('int32', model.prepared.categories[0]!, [rowCount, 1]),
    })
    const every = Int32Array.from({ length: rowCount }, (_, i) => i)
    const expected = model.predict('final', every)
    const got = result.prediction!.data as Float32Array
    for (let i = 0; i < rowCount; i++) {
      const count = Math.max(0, Math.expm1(expected[i]! * 1.5 + 2))
      expect(Math.abs(got[i]! - count)).toBeLessThan(1e-3 + 1e-3 * count)
    }
    const [lower, upper] = [result.lower!.data as Float32Array, result.upper!.data as Float32Array]
    expect(got.every((value, i) => lower[i]! <= value && value <= upper[i]!)).toBe(true)
  })

  it('makes intervals as wide as the spread says, a large field left out', async () => {
    const { table } = planted()
    const names = Array.from({ length: rowCount }, (_, i) => `n${i % 60}`)
    const wide = { ...table, categorical: [table.categorical[0]!, names] }
    const prepared = prepareTable(wide, train, 8)
    const model = await input({
      prepared,
      training: { epochs: 1 },
      fitLinear: (target, rows) => fitRidge(prepared.design, rows, target, 1),
    }).learn()
    const random = createRandom(2)
    const weights = Float64Array.from({ length: prepared.design.width }, () => 0.3 * random.normal())
    const spread = { lines: { weights, intercept: 0.1 }, lowest: -0.2, highest: 0.4 }
    const sigma = spreadOf(spread, prepared.design)
    expect(new Set(sigma).size).toBeGreaterThan(20)
    const head = {
      kind: 'regression' as const,
      logarithm: Float32Array.of(0),
      mean: Float32Array.of(50),
      scale: Float32Array.of(1),
      sums: Float32Array.of(1),
      lower: Float32Array.of(-2),
      upper: Float32Array.of(3),
      spread: spreadHead([spread], prepared),
    }
    const session = await InferenceSession.create(tabularOnnx('test', model, head))
    const categorical = Int32Array.from({ length: 2 * rowCount }, (_, at) => prepared.categories[at % 2]![at >> 1]!)
    const result = await session.run({
      numeric: new Tensor('float32', table.numeric, [rowCount, 2]),
      categorical: new Tensor('int32', categorical, [rowCount, 2]),
    })
    const [got, lower, upper] = ['prediction', 'lower', 'upper'].map((name) => result[name]!.data as Float32Array)
    for (const [row, s] of sigma.entries()) {
      expect(lower![row]! - got![row]!).toBeCloseTo(-2 * s, 3)
      expect(upper![row]! - got![row]!).toBeCloseTo(3 * s, 3)
    }
  })

  it.each([
    ['each', 2],
    ['the first', 1],
  ])('equals the trainer for several outputs with effects of their own, %s with trees', async (_, treed) => {
    const { table, y } = planted()
    // A field too large for one-hot columns, so that its effects are biases of the start; the second output is known of every other row.
    const names = Array.from({ length: rowCount }, (_, i) => `n${i % 60}`)
    const wide = {
      ...table,
      categoricalFields: [...table.categoricalFields],
      categorical: [table.categorical[0]!, names],
    }
    const targets = Float32Array.from({ length: 2 * rowCount }, (_, at) => {
      const row = at >> 1
      if (at % 2 === 0) return y[row]! + (row % 60) / 30
      return row % 2 === 0 ? -y[row]! : Number.NaN
    })
    const prepared = prepareTable(wide, train, 8)
    expect(prepared.vocabularies[1]).toHaveLength(61)
    const lesson = { rows: train, targets }
    const model = await input({
      prepared,
      outputs: 2,
      train: lesson,
      past: lesson,
      training: { epochs: 2 },
      trees: { trees: 40, leaves: 8, rate: 0.1, outputs: treed },
      fitLinear: (target, rows) => fitRidge(prepared.design, rows, target, 1),
    }).learn()
    expect(model.network.trees!.outputs.filter(({ own }) => own.length > 0)).toHaveLength(treed)
    const head = {
      kind: 'regression' as const,
      logarithm: Float32Array.of(1, 1),
      mean: Float32Array.of(5, 5),
      scale: Float32Array.of(1, 1),
      sums: Float32Array.of(1, 0, 0, 1),
      lower: Float32Array.of(0, 0),
      upper: Float32Array.of(0, 0),
    }
    const session = await InferenceSession.create(tabularOnnx('test', model, head))
    const categorical = Int32Array.from({ length: 2 * rowCount }, (_, at) => prepared.categories[at % 2]![at >> 1]!)
    const result = await session.run({
      numeric: new Tensor('float32', table.numeric, [rowCount, 2]),
      categorical: new Tensor('int32', categorical, [rowCount, 2]),
    })
    const expected = model.predict(
      'final',
      Int32Array.from({ length: rowCount }, (_, i) => i),
    )
    const got = result.prediction!.data as Float32Array
    expected.forEach((value, at) => {
      expect(Math.abs(Math.log1p(got[at]!) - 5 - value)).toBeLessThan(1e-4)
    })
  })

  it('with two calibrations, takes the early one where an early column is known, and is certain beyond a threshold', async () => {
    const { table, learn } = input()
    const model = await learn()
    const late = { slope: 0.5, intercept: -1 }
    const early = { slope: 2, intercept: 1 }
    const counts = Array.from({ length: rowCount }, (_, i) => table.numeric[2 * i + 1]!)
    const threshold = Math.max(...counts.filter((count) => !Number.isNaN(count))) / 2
    const bytes = tabularOnnx('test', model, {
      kind: 'classification',
      calibrations: [late],
      decided: { column: 1, thresholds: [threshold] },
      early: { columns: [1], calibrations: [early] },
    })
    const session = await InferenceSession.create(bytes)
    const result = await session.run({
      numeric: new Tensor('float32', table.numeric, [rowCount, 2]),
      categorical: new Tensor('int32', model.prepared.categories[0]!, [rowCount, 1]),
    })
    const got = result.probability!.data as Float32Array
    const known = counts.map((count) => !Number.isNaN(count))
    expect(new Set(counts.map((count) => count > threshold)).size).toBe(2)
    expect(new Set(known).size).toBe(2)
    const logits = model.predict('final', Int32Array.from(known.keys()))
    for (const [i, isKnown] of known.entries()) {
      const { slope, intercept } = isKnown ? early : late
      const expected = counts[i]! > threshold ? 1 : 1 / (1 + Math.exp(-(slope * logits[i]! + intercept)))
      expect(got[i]!).toBeCloseTo(expected, 4)
    }
  })
})
