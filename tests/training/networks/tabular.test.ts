import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { compileStep } from '../../../training/backend/graph/compiled-step.ts'
import { tfOps } from '../../../training/backend/graph/tf-ops.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { openBackend } from '../../../training/backend/select-backend.ts'
import type { FeatureTable } from '../../../training/datasets/content-table.ts'
import { leaf, packTree } from '../../../training/estimators/boosting/tree.ts'
import { spreadOf } from '../../../training/estimators/residual-spread.ts'
import { fitRidge } from '../../../training/estimators/ridge.ts'
import { rmse } from '../../../training/evaluation/regression.ts'
import type { FitEnvironment } from '../../../training/families/family.ts'
import { spreadHead } from '../../../training/networks/spread-onnx.ts'
import {
  encodedWidth,
  encodeTabular,
  fitTabularEncoder,
  linearWidth,
} from '../../../training/networks/tabular-encoder.ts'
import {
  prepareTable,
  type TabularModel,
  type TabularModelInput,
  trainTabularModel,
} from '../../../training/networks/tabular-model.ts'
import { tabularLoss, tabularParameterShapes, tabularTrainingSpec } from '../../../training/networks/tabular-network.ts'
import { tabularOnnx } from '../../../training/networks/tabular-onnx.ts'
import { sequenceWeights, type TabularTrees, treeShares } from '../../../training/networks/tabular-trees.ts'
import { fitEnvironment } from '../fit-environment.ts'

let workDir: string
beforeEach(() => {
  workDir = mkdtempSync(join(tmpdir(), 'tabular-'))
})
afterEach(() => rmSync(workDir, { recursive: true, force: true }))

const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
const rowCount = 600
const [train, valid, test] = [
  [0, 400],
  [400, 500],
  [500, 600],
].map(([from, to]) => Int32Array.from({ length: to! - from! }, (_, i) => from! + i)) as [
  Int32Array,
  Int32Array,
  Int32Array,
]

/** y = |x₀| + effect of the category: nothing that a straight line could say about x₀. x₁ is noise, missing at times. */
function planted(): { table: FeatureTable; y: Float32Array } {
  const random = createRandom(7)
  const numeric = new Float32Array(rowCount * 2)
  const category: string[] = []
  const y = new Float32Array(rowCount)
  for (let i = 0; i < rowCount; i++) {
    numeric[2 * i] = random.normal()
    numeric[2 * i + 1] = random.uniform() < 0.2 ? Number.NaN : 1000 * random.uniform()
    category.push(['a', 'b', ''][random.int(3)]!)
    y[i] = Math.abs(numeric[2 * i]!) - 0.8 + (category[i] === 'a' ? 0.5 : 0) + 0.1 * random.normal()
  }
  const field = (name: string) => ({ name, source: 'draft' as const, unit: '', description: '' })
  return {
    table: {
      rowCount,
      featureCount: 2,
      numericFields: [field('x0'), field('x1')],
      numeric,
      categoricalFields: [field('c')],
      categorical: [category],
      texts: { title: [], description: [], tags: [] },
    },
    y,
  }
}

/** @param training and the rest: what differs from the usual options and environment */
function input({
  training = {},
  environment = {},
  ...overrides
}: Partial<Omit<TabularModelInput, 'training'>> & {
  readonly training?: Partial<TabularModelInput['training']>
  readonly environment?: Partial<FitEnvironment>
} = {}): {
  table: FeatureTable
  y: Float32Array
  learn: () => Promise<TabularModel>
} {
  const { table, y } = planted()
  const prepared = prepareTable(table, train, 8)
  const given: TabularModelInput = {
    prepared,
    rowCount,
    outputs: 1,
    kind: 'regression',
    hidden: 16,
    members: 2,
    trees: { trees: 40, leaves: 8, rate: 0.1 },
    train: { rows: train, targets: y },
    valid,
    past: { rows: Int32Array.from([...train, ...valid]), targets: y },
    fitLinear: (target, rows) => fitRidge(prepared.design, rows, target, 1),
    refit: false,
    training: {
      epochs: 20,
      batchSize: 32,
      learningRate: 0.01,
      weightDecay: 0.01,
      averaging: 0.9,
      dropout: 0.1,
      unknownRate: 0.05,
      patience: 6,
      ...training,
    },
    ...overrides,
  }
  const checkpointFile = join(workDir, 'network.checkpoint')
  return { table, y, learn: () => trainTabularModel(given, { ...fitEnvironment, checkpointFile, ...environment }) }
}

const noTrees = { trees: 0, leaves: 2, rate: 1 }

const pick = (values: Float32Array, rows: Int32Array) => Float64Array.from(rows, (row) => values[row]!)

describe('trainTabularModel', () => {
  it('learns what a linear model cannot', async () => {
    const { y, learn } = input()
    const model = await learn()
    const network = rmse(model.predict('final', test), pick(y, test))
    expect(network).toBeLessThan(0.6 * rmse(model.predictLinear(test)[0]!, pick(y, test)))
  })

  it('without trees, starts from the linear model, and is that model where nothing beats it', async () => {
    // Steps so small that they change nothing.
    const model = await input({ trees: noTrees, training: { learningRate: 1e-12, epochs: 1 } }).learn()
    expect(model.epochs).toBe(0)
    const [network, linear] = [model.predict('final', test), model.predictLinear(test)[0]!]
    network.forEach((value, i) => {
      expect(value).toBeCloseTo(linear[i]!, 4)
    })
  })

  it('gives the same bytes for one seed and other weights for another', async () => {
    const run = async (seed: number) => {
      const model = await input({ training: { epochs: 3 }, environment: { seed } }).learn()
      return Buffer.from(model.network.parameters.first!.buffer).toString('base64')
    }
    const first = await run(1)
    expect(await run(1)).toBe(first)
    expect(await run(2)).not.toBe(first)
  })

  it('ends in the same weights when it is stopped and resumed', async () => {
    const training = { epochs: 4, patience: 10 }
    const whole = await input({ training, refit: true }).learn()
    rmSync(workDir, { recursive: true })
    const stop = new AbortController()
    const halfway = { signal: stop.signal, onEpoch: (epoch: number) => epoch === 2 && stop.abort() }
    await expect(input({ training, refit: true, environment: halfway }).learn()).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    const resumed = await input({ training, refit: true, environment: { resume: true } }).learn()
    expect(resumed.epochs).toBe(whole.epochs)
    expect([...resumed.predict('final', test)]).toEqual([...whole.predict('final', test)])
  })

  it('learns from categories alone', async () => {
    const { table } = planted()
    const y = Float32Array.from(table.categorical[0]!, (value) => ({ a: 1, b: -1 })[value] ?? 0)
    const prepared = prepareTable({ ...table, featureCount: 0, numeric: new Float32Array(0) }, train, 8)
    const lesson = { rows: train, targets: y }
    const fitLinear: TabularModelInput['fitLinear'] = (target, rows) => fitRidge(prepared.design, rows, target, 1)
    const model = await input({ prepared, train: lesson, past: lesson, fitLinear }).learn()
    expect(rmse(model.predictLinear(test)[0]!, pick(y, test))).toBeLessThan(0.05)
    expect(rmse(model.predict('final', test), pick(y, test))).toBeLessThan(0.05)
  })

  it('ends in the same model when it is stopped among its trees and resumed', async () => {
    const training = { epochs: 2 }
    const whole = await input({ training, refit: true }).learn()
    rmSync(workDir, { recursive: true })
    const stop = new AbortController()
    const progress = { ...silentProgress, update: (label: string) => label.includes('again, trees') && stop.abort() }
    await expect(
      input({ training, refit: true, environment: { signal: stop.signal, progress } }).learn(),
    ).rejects.toMatchObject({ code: 'CANCELLED' })
    const resumed = await input({ training, refit: true, environment: { resume: true } }).learn()
    expect(resumed.network.trees).toEqual(whole.network.trees)
    expect([...resumed.predict('final', test)]).toEqual([...whole.predict('final', test)])
  })

  it('fitted again, has as many trees as validation found best, and keeps their share', async () => {
    const { trees } = (await input({ training: { epochs: 1 }, refit: true }).learn()).network
    const { trees: before } = (await input({ training: { epochs: 1 } }).learn()).network
    const counts = ({ outputs }: TabularTrees) =>
      outputs.map(({ corrections, own }) => [corrections.length, own.length])
    expect(counts(trees!)).toEqual(counts(before!))
    expect(trees!.shares).toEqual(before!.shares)
    expect(trees!.outputs).not.toEqual(before!.outputs)
  })

  it('with trees, is nearer to steps and products than the network alone', async () => {
    const { table } = planted()
    const y = Float32Array.from({ length: rowCount }, (_, i) => {
      const [x0, x1] = [table.numeric[2 * i]!, table.numeric[2 * i + 1]!]
      return Number.isNaN(x1) ? 2 : Number(x0 > 0.3) * Number(x1 < 500)
    })
    const given = { train: { rows: train, targets: y }, past: { rows: train, targets: y } }
    const [both, alone] = [await input(given).learn(), await input({ ...given, trees: noTrees }).learn()]
    const errorOf = (model: TabularModel): number => rmse(model.predict('final', test), pick(y, test))
    expect(errorOf(both)).toBeLessThan(0.9 * errorOf(alone))
  })

  it('fitted again, learns what was known by then, and the network before it what was known at its time', async () => {
    const { y } = planted()
    const past = { rows: Int32Array.from([...train, ...valid]), targets: y.map((value) => value + 5) }
    const model = await input({ training: { epochs: 1 }, refit: true, past }).learn()
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
    // One pass moves the linear start little: what differs between the two is the 5.
    expect(mean(model.predict('final', test)) - mean(model.predict('judged', test))).toBeCloseTo(5, 0)
    expect(mean(model.predictLinear(test)[0]!) - mean(pick(y, test))).toBeCloseTo(5, 0)
  })

  it('refuses a checkpoint of other data', async () => {
    await input({ training: { epochs: 2 } }).learn()
    const { y } = planted()
    const other = { rows: train, targets: y.map((value) => value + 1) }
    await expect(
      input({ training: { epochs: 2 }, train: other, environment: { resume: true } }).learn(),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it.each(['regression', 'classification'] as const)('%s: gradients equal those of the TF.js tape', async (kind) => {
    const shape = { encoded: 5, vocabularies: [4], hidden: 3, members: 2, outputs: 2 }
    const rows = 6
    const random = createRandom(2)
    const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal())
    const parameters = Object.fromEntries(
      Object.entries(tabularParameterShapes(shape)).map(([name, its]) => [
        name,
        numbers(its.reduce((a, b) => a * b, 1)),
      ]),
    )
    const targets = 2 * rows * shape.outputs
    const inputs = {
      encoded: numbers(rows * 5),
      start: numbers(rows * 2),
      field0: Int32Array.of(0, 1, 2, 3, 1, 1),
      targets: numbers(targets).map(Math.sign),
      weights: new Float32Array(targets).fill(1 / targets),
    }
    const spec = tabularTrainingSpec(shape, rows, false)
    const step = await compileStep(spec, (ops, p, i) => tabularLoss(ops, p, i, shape, kind))
    const { loss, gradients, rows: sparse } = await step.run(parameters, inputs)
    const ops = tfOps(tf)
    const names = Object.keys(parameters)
    const given = Object.fromEntries(
      Object.entries(spec.inputs).map(([name, its]) => [
        name,
        tf.tensor(inputs[name as keyof typeof inputs], [...its.shape], its.dtype),
      ]),
    )
    const { value, grads } = tf.valueAndGrads((...moved) =>
      tabularLoss(ops, Object.fromEntries(names.map((name, i) => [name, moved[i]!])), given, shape, kind),
    )(names.map((name) => tf.tensor(parameters[name]!, [...spec.parameters[name]!])))
    expect(loss).toBeCloseTo(value.dataSync()[0]!, 5)
    for (const [i, name] of names.entries()) {
      const expected = grads[i]!.dataSync()
      const got = gradients[name] ?? new Float32Array(expected.length)
      for (const { table, indices, gradient } of sparse) {
        if (table !== name) continue
        const width = gradient.length / indices.length
        gradient.forEach((number, at) => {
          got[indices[Math.floor(at / width)]! * width + (at % width)]! += number
        })
      }
      expected.forEach((number, at) => {
        expect(got[at], `${name}[${at}]`).toBeCloseTo(number, 4)
      })
    }
    await step.close()
  })
})

describe('tabularOnnx', () => {
  it('equals the trainer, missing values, unknown categories and extremes included', async () => {
    const { table, learn } = input()
    const model = await learn()
    const head = {
      kind: 'regression' as const,
      logarithm: Float32Array.of(1),
      mean: Float32Array.of(2),
      scale: Float32Array.of(1.5),
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
})

const aTree = packTree([leaf(1)])

describe('sequenceWeights', () => {
  it('leaves out a sequence without trees', () => {
    const some = [aTree]
    expect(sequenceWeights({ corrections: some, own: some })).toEqual({ corrections: 0.5, own: 0.5 })
    expect(sequenceWeights({ corrections: [], own: some })).toEqual({ corrections: 0, own: 1 })
    expect(sequenceWeights({ corrections: some, own: [] })).toEqual({ corrections: 1, own: 0 })
    expect(sequenceWeights({ corrections: [], own: [] })).toEqual({ corrections: 1, own: 0 })
  })
})

describe('treeShares', () => {
  const lesson = { kind: 'regression' as const, outputs: 1, valid: Int32Array.of(0, 1) }
  const shareOf = (actual: number[], network: number[], trees: number[], grown = [aTree]): number[] =>
    treeShares(
      Float32Array.from(network),
      [{ corrections: grown, own: [], mean: 0, values: Float64Array.from(trees) }],
      {
        ...lesson,
        train: { rows: lesson.valid, targets: Float32Array.from(actual) },
      },
    )

  it('takes half of each where validation hardly tells', () => {
    // Errors of 1 and −1: halves cancel them; of 1 and 1: every share is alike.
    expect(shareOf([0, 0], [1, 1], [-1, -1])).toEqual([0.5])
    expect(shareOf([0, 0], [1, 1], [1, 1])).toEqual([0.5])
  })

  it('of no trees is nothing', () => {
    expect(shareOf([1, 2], [3, 7], [1, 2], [])).toEqual([0])
  })

  it('takes more of what is clearly better, and skips what is not known', () => {
    expect(shareOf([1, 2], [1, 2], [3, 7])).toEqual([0.25])
    expect(shareOf([1, 2], [3, 7], [1, 2])).toEqual([0.75])
    expect(shareOf([1, Number.NaN], [1, 9], [3, 2])).toEqual([0.25])
  })
})

describe('fitTabularEncoder', () => {
  const rows = Int32Array.of(0, 1, 2, 3)

  it('standardises, flags what is missing, and gives a constant no weight', () => {
    // x₀ = 1, 3, 1, 3: mean 2, sd 1; x₁ = 5 throughout but once missing
    const numeric = Float32Array.of(1, 5, 3, 5, 1, Number.NaN, 3, 5)
    const encoder = fitTabularEncoder(numeric, 2, rows, 4)
    const encoded = encodeTabular(encoder, numeric)
    const width = encodedWidth(encoder)
    expect(linearWidth(encoder)).toBe(3)
    expect([...encoded.subarray(0, 3)]).toEqual([-1, 0, 0])
    expect([...encoded.subarray(2 * width, 2 * width + 3)]).toEqual([-1, 0, 1])
  })

  it('takes logarithms of what is skewed', () => {
    const numeric = Float32Array.of(1, 10, 100, 1e6)
    expect(fitTabularEncoder(numeric, 1, rows, 4).logarithm[0]).toBe(1)
  })

  it('encodes extreme and infinite values within bounds', () => {
    const encoder = fitTabularEncoder(Float32Array.of(1, 2, 3, 4), 1, rows, 4)
    const encoded = encodeTabular(encoder, Float32Array.of(1e30, -1e30))
    expect(encoded[0]).toBe(6)
    expect(encoded.every(Number.isFinite)).toBe(true)
  })

  it('with two calibrations, takes the early one where an early column is known', async () => {
    const { table, learn } = input()
    const model = await learn()
    const late = { slope: 0.5, intercept: -1 }
    const early = { slope: 2, intercept: 1 }
    const bytes = tabularOnnx('test', model, {
      kind: 'classification',
      calibrations: [late],
      early: { columns: [1], calibrations: [early] },
    })
    const session = await InferenceSession.create(bytes)
    const result = await session.run({
      numeric: new Tensor('float32', table.numeric, [rowCount, 2]),
      categorical: new Tensor('int32', model.prepared.categories[0]!, [rowCount, 1]),
    })
    const got = result.probability!.data as Float32Array
    const known = Array.from({ length: rowCount }, (_, i) => !Number.isNaN(table.numeric[2 * i + 1]!))
    expect(new Set(known).size).toBe(2)
    const logits = model.predict('final', Int32Array.from(known.keys()))
    for (const [i, isKnown] of known.entries()) {
      const { slope, intercept } = isKnown ? early : late
      expect(got[i]!).toBeCloseTo(1 / (1 + Math.exp(-(slope * logits[i]! + intercept))), 4)
    }
  })
})
