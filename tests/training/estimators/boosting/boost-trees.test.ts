import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../training/backend/random.ts'
import {
  type BoostingLesson,
  type BoostingOptions,
  boostTrees,
} from '../../../../training/estimators/boosting/boost-trees.ts'
import { binFeatures } from '../../../../training/estimators/boosting/feature-bins.ts'
import { logisticLoss, squaredError } from '../../../../training/estimators/boosting/losses.ts'
import { sumTrees } from '../../../support/sum-trees.ts'
import { fitEnvironment } from '../../fit-environment.ts'

/** One tree that may learn everything by heart. */
const oneTree: BoostingOptions = {
  trees: 1,
  patience: 10,
  leaves: 8,
  rate: 1,
  l2: 0,
  minRows: 1,
  rowShare: 1,
  featureShare: 1,
}

const every = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i)

function lesson(
  columns: readonly ArrayLike<number>[],
  target: ArrayLike<number>,
  more: Partial<BoostingLesson> = {},
): BoostingLesson {
  const rows = every(target.length)
  return {
    bins: binFeatures(
      columns.map((column) => Float32Array.from(column)),
      rows,
      254,
    ),
    loss: squaredError,
    target: Float64Array.from(target),
    start: new Float64Array(target.length),
    rows,
    valid: undefined,
    ...more,
  }
}

const learn = (given: BoostingLesson, options: Partial<BoostingOptions> = {}, seed = 1) =>
  boostTrees(given, { ...oneTree, ...options }, { ...fitEnvironment, seed })

const nothing = Number.NaN

describe('boostTrees', () => {
  it('learns a step exactly, with one split', async () => {
    const x = Array.from({ length: 20 }, (_, i) => i)
    const y = x.map((value) => (value < 7 ? -2 : 3))
    const { trees, sums } = await learn(lesson([x], y))
    expect([...sums]).toEqual(y)
    expect(trees[0]!.feature).toHaveLength(3)
  })

  it('learns an interaction that no sum of single features says', async () => {
    // y = a XOR b; (1, 1) stands there twice, so that the first split gains something.
    const [a, b] = [
      [0, 0, 1, 1, 1],
      [0, 1, 0, 1, 1],
    ]
    const y = [0, 1, 1, 0, 0]
    const { sums } = await learn(lesson([a!, b!], y))
    sums.forEach((value, i) => {
      expect(value).toBeCloseTo(y[i]!, 6)
    })
  })

  it('shrinks a leaf by l2 and rate', async () => {
    // No split allowed: the value of the only leaf is rate·Σy/(n + l2) = .5·12/(3 + 1)
    const { sums } = await learn(lesson([[1, 2, 3]], [3, 4, 5]), { rate: 0.5, l2: 1, minRows: 3 })
    expect([...sums]).toEqual([1.5, 1.5, 1.5])
  })

  it.each([
    ['small', [1, 2, nothing, nothing, 8, 9], [5, 5, 5, 5, 0, 0]],
    ['large', [1, 2, nothing, nothing, 8, 9], [0, 0, 5, 5, 5, 5]],
    ['no', [1, 2, nothing, nothing, 8, 9], [0, 0, 5, 5, 0, 0]],
  ])('sends missing values where %s values go, if their outcomes are alike', async (_, x, y) => {
    const { trees, sums } = await learn(lesson([x], y))
    expect([...sums]).toEqual(y)
    expect(trees[0]!.feature).toHaveLength(3)
  })

  it('keeps enough rows in every leaf, duplicates and all', async () => {
    const x = [1, 1, 1, 1, 2, 2, 3, 3, 3, 3]
    const y = [0, 0, 0, 0, 9, 9, 1, 1, 1, 1]
    const { sums } = await learn(lesson([x], y), { minRows: 3 })
    const sizes = new Map<number, number>()
    for (const value of sums) sizes.set(value, (sizes.get(value) ?? 0) + 1)
    expect([...sizes.values()].sort()).toEqual([4, 6])
    expect(sums[0]).toBe(sums[3])
  })

  it.each([
    ['a constant target', [[1, 2, 3]], [4, 4, 4]],
    ['one row', [[1]], [4]],
    ['a feature that is always missing', [[nothing, nothing, nothing]], [4, 4, 4]],
    ['no features', [], [4, 4]],
  ])('of %s learns the mean', async (_, columns, y) => {
    const { sums, trees } = await learn({
      ...lesson(columns, y),
      bins: { ...lesson(columns, y).bins, rowCount: y.length },
    })
    expect([...sums]).toEqual(y)
    expect(trees[0]!.feature).toHaveLength(1)
  })

  it('leaves out rows whose target is unknown, and grows nothing where none is known', async () => {
    const { sums } = await learn(lesson([[1, 2, 3, 4]], [2, 2, nothing, nothing]))
    expect([...sums]).toEqual([2, 2, 2, 2])
    expect((await learn(lesson([[1, 2]], [nothing, nothing]))).trees).toHaveLength(0)
  })

  it('takes only what the start leaves over', async () => {
    const given = lesson([[1, 2]], [5, 7], { start: Float64Array.of(4, 9) })
    expect([...(await learn(given)).sums]).toEqual([1, -2])
  })

  const random = createRandom(3)
  const noisy = {
    columns: Array.from({ length: 4 }, () => Array.from({ length: 400 }, () => random.normal())),
    noise: Array.from({ length: 400 }, () => random.normal()),
  }
  const signal = noisy.columns[0]!.map((value, i) => Math.sin(2 * value) + noisy.columns[1]![i]! * value)
  const usual = { leaves: 6, rate: 0.2, minRows: 5, l2: 1 }

  it.each([
    ['squared error', squaredError, signal.map((value, i) => value + noisy.noise[i]!)],
    ['logistic loss', logisticLoss, signal.map((value, i) => Number(value + noisy.noise[i]! > 0))],
  ] as const)('lowers the %s of its rows with every tree', async (_, loss, y) => {
    const given = lesson(noisy.columns, y, { loss })
    const losses: number[] = []
    for (const trees of [0, 1, 2, 4, 8, 16, 32]) {
      const { sums } = await learn(given, { ...usual, trees })
      losses.push(sums.reduce((sum, value, i) => sum + loss.of(value, y[i]!), 0))
    }
    expect(losses).toEqual([...losses].sort((a, b) => b - a))
    expect(losses.at(-1)).toBeLessThan(0.6 * losses[0]!)
  })

  it('gives the same trees for one seed, others for another', async () => {
    const given = lesson(noisy.columns, signal)
    const options = { ...usual, trees: 5, rowShare: 0.5, featureShare: 0.5 }
    const first = await learn(given, options, 1)
    expect(await learn(given, options, 1)).toEqual(first)
    expect((await learn(given, options, 2)).trees).not.toEqual(first.trees)
  })

  it('stops when validation stops improving, and keeps the trees up to the best', async () => {
    const y = signal.map((value, i) => value + 2 * noisy.noise[i]!)
    const [rows, valid] = [every(300), every(400).subarray(300)]
    const given = lesson(noisy.columns, y, { rows, valid })
    const { trees, sums } = await learn(given, { ...usual, trees: 500, patience: 8 })
    expect(trees.length).toBeGreaterThan(2)
    expect(trees.length).toBeLessThan(100)
    const lossAfter = async (count: number): Promise<number> => {
      const its = (await learn({ ...given, valid: undefined }, { ...usual, trees: count })).sums
      return valid.reduce((sum, row) => sum + (its[row]! - y[row]!) ** 2, 0)
    }
    const best = valid.reduce((sum, row) => sum + (sums[row]! - y[row]!) ** 2, 0)
    expect(await lossAfter(trees.length)).toBeCloseTo(best, 9)
    for (const more of [1, 4, 8]) expect(await lossAfter(trees.length + more)).toBeGreaterThanOrEqual(best)
  })

  it('sums up what its trees say of every row, of those that it saw, did not see and was judged by', async () => {
    const given = lesson(noisy.columns, signal, { rows: every(250), valid: every(320).subarray(250) })
    const { trees, sums } = await learn(given, { ...usual, trees: 30, patience: 5, rowShare: 0.6 })
    expect(trees.length).toBeGreaterThan(2)
    sumTrees(trees, given.bins).forEach((value, row) => {
      expect(sums[row]).toBeCloseTo(value, 9)
    })
  })

  it('has no trees where none helps on the validation rows', async () => {
    const y = [1, 1, 1, 1, -1, -1, -1, -1]
    const given = lesson([every(8)], y, { rows: every(4), valid: every(8).subarray(4) })
    const { trees, sums } = await learn(given, { trees: 20 })
    expect(trees).toHaveLength(0)
    expect([...sums]).toEqual(new Array(8).fill(0))
  })

  it('stops at a signal', async () => {
    const stop = new AbortController()
    stop.abort()
    const running = boostTrees(lesson([[1, 2]], [1, 2]), oneTree, { ...fitEnvironment, signal: stop.signal })
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
