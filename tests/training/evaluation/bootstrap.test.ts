import { describe, expect, it } from 'vitest'
import { bootstrapMean, comparePaired } from '../../../training/evaluation/bootstrap.ts'

describe('bootstrapMean', () => {
  it('covers the mean by about two standard errors', () => {
    // 400 values, half 0 and half 1: mean ½, standard error ½/√400 = .025, so 95 % is .451 to .549
    const { value, low, high } = bootstrapMean(
      Float64Array.from({ length: 400 }, (_, i) => i % 2),
      1,
    )
    expect(value).toBe(0.5)
    expect(low).toBeCloseTo(0.451, 1.9)
    expect(high).toBeCloseTo(0.549, 1.9)
  })
  it('leaves out absent values', () => {
    expect(bootstrapMean(Float64Array.of(1, Number.NaN, 3), 1).value).toBe(2)
  })
  it('has no interval for a single value', () => {
    expect(bootstrapMean(Float64Array.of(4), 1)).toEqual({ value: 4, low: null, high: null })
  })
  it('gives the same interval for the same seed', () => {
    const values = Float64Array.from({ length: 50 }, (_, i) => i)
    expect(bootstrapMean(values, 3)).toEqual(bootstrapMean(values, 3))
    expect(bootstrapMean(values, 3)).not.toEqual(bootstrapMean(values, 4))
  })
})

describe('comparePaired', () => {
  it('is sure of a small gain that every user has', () => {
    const baseline = Float64Array.from({ length: 30 }, (_, i) => i)
    const { difference, probabilityAhead } = comparePaired(
      baseline.map((value) => value + 0.1),
      baseline,
      1,
    )
    expect(difference.low).toBeCloseTo(0.1)
    expect(probabilityAhead).toBe(1)
  })
  it('is unsure of a gain that one user has', () => {
    const baseline = new Float64Array(30)
    const model = baseline.slice()
    model[0] = 1
    expect(comparePaired(model, baseline, 1).difference.low).toBe(0)
  })
})
