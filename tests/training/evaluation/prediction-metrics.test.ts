import { describe, expect, it } from 'vitest'
import { adjustedRandIndex } from '../../../training/evaluation/adjusted-rand.ts'
import { auc, averagePrecision, brier, logLoss } from '../../../training/evaluation/classification.ts'
import { conformalOffsets } from '../../../training/evaluation/conformal.ts'
import { quantile } from '../../../training/evaluation/quantile.ts'
import { ranks, spearman } from '../../../training/evaluation/ranks.ts'
import { coverage, mae, r2, rmse } from '../../../training/evaluation/regression.ts'
import { expectedCalibrationError, reliabilityCurve } from '../../../training/evaluation/reliability.ts'
import { explainedVariance, silhouette } from '../../../training/evaluation/silhouette.ts'

describe('regression metrics', () => {
  it('rmse, mae and r2 of three predictions', () => {
    // errors 1, −2, 0: RMSE √(5/3), MAE 1; mean of actual 3, total 4 + 0 + 4 = 8: R² = 1 − 5/8
    expect(rmse([2, 1, 5], [1, 3, 5])).toBeCloseTo(Math.sqrt(5 / 3), 12)
    expect(mae([2, 1, 5], [1, 3, 5])).toBe(1)
    expect(r2([2, 1, 5], [1, 3, 5])).toBeCloseTo(0.375, 12)
  })
  it('r2 of actual values without variance is undefined', () => {
    expect(r2([1, 2], [3, 3])).toBeNaN()
  })
  it('coverage counts both ends as inside', () => {
    expect(coverage([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1.1, -0.1])).toBe(0.5)
  })
})

describe('ranks and spearman', () => {
  it('ranks ties by their mean', () => {
    expect([...ranks([10, 20, 10, 30])]).toEqual([1.5, 3, 1.5, 4])
  })
  it('spearman is 1 for any rising relation and NaN for a constant', () => {
    expect(spearman([1, 2, 3, 4], [1, 8, 27, 64])).toBeCloseTo(1, 12)
    expect(spearman([1, 2, 3], [5, 5, 5])).toBeNaN()
  })
})

describe('classification metrics', () => {
  it('auc counts ordered pairs, ties half', () => {
    // positives .8 and .4 against negatives .4 and .2: wins 1 + 1 + ½ + 1 of 4
    expect(auc([0.8, 0.4, 0.4, 0.2], [1, 1, 0, 0])).toBe(0.875)
    expect(auc([0.1, 0.2], [1, 1])).toBeNaN()
  })
  it('average precision of a scorer without information is the base rate', () => {
    expect(averagePrecision([1, 1, 1, 1], [1, 0, 0, 0])).toBe(0.25)
    // hits at positions 1 and 3: ½·1 + ½·⅔
    expect(averagePrecision([0.9, 0.8, 0.7], [1, 0, 1])).toBeCloseTo(0.5 + 1 / 3, 12)
  })
  it('log loss and brier of two certain halves', () => {
    expect(logLoss([0.5, 0.5], [1, 0])).toBeCloseTo(Math.LN2, 12)
    expect(brier([0.9, 0.2], [1, 0])).toBeCloseTo((0.01 + 0.04) / 2, 12)
    expect(logLoss([0], [1])).toBeLessThan(20) // clipped, not infinite
  })
})

describe('reliability', () => {
  it('groups by equal count and measures the gap', () => {
    const curve = reliabilityCurve([0.1, 0.1, 0.9, 0.9], [0, 1, 1, 1], 2)
    expect(curve.map(({ count, observedRate }) => [count, observedRate])).toEqual([
      [2, 0.5],
      [2, 1],
    ])
    // ½·|.1 − .5| + ½·|.9 − 1|
    expect(expectedCalibrationError([0.1, 0.1, 0.9, 0.9], [0, 1, 1, 1], 2)).toBeCloseTo(0.25, 12)
  })
  it('keeps equal probabilities in one group', () => {
    expect(reliabilityCurve([0.3, 0.3, 0.3], [1, 0, 0], 3)).toHaveLength(1)
  })
})

describe('quantile', () => {
  it('interpolates as numpy does', () => {
    // position .95·3 = 2.85: 3 + .85·(4 − 3)
    expect(quantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85, 12)
    expect(quantile([], 0.5)).toBeNaN()
  })
})

describe('conformalOffsets', () => {
  it('takes the order statistics that keep the promise', () => {
    // residuals 1…9, α = .2: ⌊10·.1⌋ = 1st and ⌈10·.9⌉ = 9th
    const actual = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    expect(conformalOffsets(new Float64Array(9), actual, 0.2)).toEqual({ lower: 1, upper: 9 })
  })
  it('promises nothing finite with too few examples', () => {
    expect(conformalOffsets([0, 0], [1, 2], 0.2)).toEqual({ lower: -Infinity, upper: Infinity })
  })
  it('leaves unknown outcomes out', () => {
    const actual = [1, 2, 3, 4, Number.NaN, 5, 6, 7, 8, 9]
    expect(conformalOffsets(new Float64Array(10), actual, 0.2).upper).toBe(9)
  })

  it('are in units of the spread, where there is one', () => {
    // residuals 2, 4, … 18 of a spread of 2 are 1, 2, … 9
    const actual = Float64Array.from({ length: 9 }, (_, i) => 2 * (i + 1))
    const spread = new Float64Array(9).fill(2)
    expect(conformalOffsets(new Float64Array(9), actual, 0.2, spread)).toEqual({ lower: 1, upper: 9 })
  })
})

describe('cluster metrics', () => {
  it('adjusted Rand index ignores names and is 0 for chance', () => {
    expect(adjustedRandIndex([0, 0, 1, 1], [5, 5, 2, 2])).toBe(1)
    // together 0; in a: 2 pairs, in b: 2 pairs, of 6: E = 4/6, most 2: (0 − ⅔)/(2 − ⅔) = −½
    expect(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 12)
  })
  it('silhouette of two far pairs is near 1', () => {
    // each point: a = 1; b = mean of (10, 11) or (9, 10): 1 − 1/10.5 and 1 − 1/9.5
    expect(silhouette(Float64Array.of(0, 1, 10, 11), 1, [0, 0, 1, 1])).toBeCloseTo((2 - 1 / 10.5 - 1 / 9.5) / 2, 12)
    expect(silhouette(Float64Array.of(0, 1), 1, [0, 0])).toBeNaN()
  })
  it('explained variance compares within with total', () => {
    // total around 5.5: 30.25 + 20.25 + 20.25 + 30.25 = 101; within ½ + ½ = 1
    expect(explainedVariance(Float64Array.of(0, 1, 10, 11), 1, [0, 0, 1, 1])).toBeCloseTo(1 - 1 / 101, 12)
  })
})
