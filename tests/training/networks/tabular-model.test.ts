import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../log.ts'
import { silentProgress } from '../../../progress.ts'
import { compileStep } from '../../../training/backend/graph/compiled-step.ts'
import { tfOps } from '../../../training/backend/graph/tf-ops.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { openBackend } from '../../../training/backend/select-backend.ts'
import { fitRidge } from '../../../training/estimators/ridge.ts'
import { rmse } from '../../../training/evaluation/regression.ts'
import { prepareTable, type TabularModel, type TabularModelInput } from '../../../training/networks/tabular-model.ts'
import { tabularLoss, tabularParameterShapes, tabularTrainingSpec } from '../../../training/networks/tabular-network.ts'
import type { TabularTrees } from '../../../training/networks/tabular-trees.ts'
import { planted, rowCount, test, train, usePlantedModel, valid } from './planted-model.ts'

const { tf } = await openBackend({ prefer: 'wasm', log: silentLogger })
const { input, forget } = usePlantedModel()

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
    forget()
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
    forget()
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
