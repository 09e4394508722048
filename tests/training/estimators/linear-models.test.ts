import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import {
  chooseStrength,
  fitCategoryEffects,
  unexplainedClasses,
  unexplainedValues,
} from '../../../training/estimators/category-effects.ts'
import { creatorMean, creatorRate } from '../../../training/estimators/creator-history.ts'
import { predictLinear } from '../../../training/estimators/design.ts'
import { fitLogistic } from '../../../training/estimators/logistic.ts'
import { fitRidge, fitRidgeByCrossValidation, fitRidgeByValidation } from '../../../training/estimators/ridge.ts'

const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i)

describe('fitRidge', () => {
  it('is least squares without a penalty', () => {
    // y = 1 + 2x
    const model = fitRidge({ values: Float32Array.of(0, 1, 2), width: 1 }, all(3), [1, 3, 5], 0)
    expect(model.intercept).toBeCloseTo(1, 4)
    expect(model.weights[0]).toBeCloseTo(2, 4)
  })
  it('halves the weight when the penalty equals the sum of squares', () => {
    // centred x = −1, 1, Σx² = 2, λ = 2: weight Σxy / (2 + 2) = 4/4
    const model = fitRidge({ values: Float32Array.of(-1, 1), width: 1 }, all(2), [-2, 2], 2)
    expect(model.weights[0]).toBeCloseTo(1, 4)
  })
  it('leaves rows without a value out and survives repeated columns', () => {
    const design = { values: Float32Array.of(0, 0, 1, 1, 2, 2, 9, 9), width: 2 }
    const model = fitRidge(design, all(4), [0, 1, 2, Number.NaN], 1e-3)
    expect(predictLinear(model, design)[1]).toBeCloseTo(1, 2)
  })
  it('chooses a strong penalty for noise and a weak one for signal', () => {
    const random = createRandom(4)
    const values = Float32Array.from({ length: 200 * 20 }, () => random.normal())
    const noise = Float64Array.from({ length: 200 }, () => random.normal())
    const signal = Float64Array.from({ length: 200 }, (_, i) => 3 * values[i * 20]!)
    const [train, valid] = [all(100), all(200).subarray(100)]
    expect(fitRidgeByValidation({ values, width: 20 }, train, valid, noise).lambda).toBeGreaterThanOrEqual(1000)
    expect(fitRidgeByValidation({ values, width: 20 }, train, valid, signal).lambda).toBe(1)
  })
})

describe('fitRidgeByCrossValidation', () => {
  it('fits all rows with the chosen penalty, and chooses by what carries over', () => {
    const random = createRandom(5)
    const values = Float32Array.from({ length: 100 * 10 }, () => random.normal())
    const design = { values, width: 10 }
    const noise = Float64Array.from({ length: 100 }, () => random.normal())
    const signal = Float64Array.from({ length: 100 }, (_, i) => 3 * values[i * 10]!)
    expect(fitRidgeByCrossValidation(design, all(100), noise).lambda).toBeGreaterThanOrEqual(1000)
    const { model, lambda } = fitRidgeByCrossValidation(design, all(100), signal)
    expect(lambda).toBe(3)
    expect(model.weights[0]).toBeCloseTo(fitRidge(design, all(100), signal, 3).weights[0]!, 6)
  })
})

describe('fitLogistic', () => {
  it('finds the log odds of two groups', async () => {
    // x = 0: 1 of 4 positive, log odds −ln 3; x = 1: 3 of 4, ln 3: weight 2·ln 3
    const design = { values: Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1), width: 1 }
    const model = await fitLogistic(design, all(8), [1, 0, 0, 0, 1, 1, 1, 0], 0)
    expect(model.intercept).toBeCloseTo(-Math.log(3), 4)
    expect(model.weights[0]).toBeCloseTo(2 * Math.log(3), 4)
  })
  it('stays finite where the classes are separable', async () => {
    const model = await fitLogistic({ values: Float32Array.of(-1, 1), width: 1 }, all(2), [0, 1], 0.1)
    expect(Number.isFinite(model.weights[0]!)).toBe(true)
  })
})

describe('fitCategoryEffects', () => {
  it('shrinks by the number of examples and gives the unknown none', () => {
    // category 1: (2 + 4) / (2 + 1); category 2: 3 / (1 + 1)
    const effects = fitCategoryEffects(
      4,
      Int32Array.of(1, 1, 2, 0),
      unexplainedValues([2, 4, 3, 9], new Float64Array(4)),
      all(4),
      1,
    )
    expect([...effects]).toEqual([0, 2, 1.5, 0])
  })
  it('prefers no effects at all when they do not carry over', () => {
    const category = Int32Array.of(1, 1, 2, 2, 1, 2)
    const residuals = unexplainedValues([1, 1, -1, -1, -1, 1], new Float64Array(6))
    const strength = chooseStrength(3, category, [residuals], all(4), Int32Array.of(4, 5))
    expect(strength).toBe(Number.POSITIVE_INFINITY)
  })
  it('moves a logit by what the probabilities left over', () => {
    // p = ½ everywhere: residuals ½, ½, −½ and weights ¼; Σ residual / (Σ weight + 1) = ½ / 1.75
    const classes = unexplainedClasses([1, 1, 0], new Float64Array(3))
    expect(fitCategoryEffects(2, Int32Array.of(1, 1, 1), classes, all(3), 1)[1]).toBeCloseTo(0.5 / 1.75)
  })
  it('leaves well-calibrated probabilities of a rare class alone', () => {
    // one in four positive, and the logit says so: nothing is left over, however far the logit is from 0
    const classes = unexplainedClasses([1, 0, 0, 0], new Float64Array(4).fill(Math.log(1 / 3)))
    const category = new Int32Array(4).fill(1)
    expect(fitCategoryEffects(2, category, classes, all(4), 1)[1]).toBeCloseTo(0)
    expect(chooseStrength(2, category, [classes], all(4), all(4))).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('creator baselines', () => {
  it('mean counts only the last contents that are a day older', () => {
    const day = 86_400
    const at = Float64Array.of(0, day, 2 * day, 2 * day + 60)
    // third: (2 + 4)/2; fourth: the third is a minute old; with last 1 only the second counts
    expect([...creatorMean(['a', 'a', 'a', 'a'], at, [2, 4, 9, 1], at, 60)]).toEqual([Number.NaN, 2, 3, 3])
    expect(creatorMean(['a', 'a', 'a', 'a'], at, [2, 4, 9, 1], at, 1)[3]).toBe(4)
  })
  it('mean counts a content only from when its outcome was known', () => {
    const day = 86_400
    const at = Float64Array.of(0, 5 * day, 9 * day, 14 * day)
    const known = at.map((moment) => moment + 8 * day)
    // third, on day 9: the first was known on day 8, the second on day 13; fourth, on day 14: both, and not the third
    expect([...creatorMean(['a', 'a', 'a', 'a'], at, [2, 4, 9, 1], known, 60)]).toEqual([Number.NaN, Number.NaN, 2, 3])
  })
  it('mean skips unknown outcomes and other creators', () => {
    const at = Float64Array.of(0, 1, 1e6)
    expect(creatorMean(['a', 'b', 'a'], at, [Number.NaN, 7, 1], at, 60)[2]).toBeNaN()
  })
  it('rate of a creator without training contents is everyone’s', () => {
    expect([...creatorRate(['a', 'a', 'b', 'c'], [1, 0, 1, 0], all(3))]).toEqual([0.5, 0.5, 1, 2 / 3])
  })
})
