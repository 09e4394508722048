import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { coverageByLevel, intervalsBySize, withinInterval } from '../../../training/evaluation/interval-quality.ts'
import { consistencyBand, reliabilityCurve } from '../../../training/evaluation/reliability.ts'

describe('coverageByLevel', () => {
  // 199 residuals −99 … 99: an interval of level 1 − α reaches from the 200·α/2-th to the 200·(1 − α/2)-th
  const residuals = Float64Array.from({ length: 199 }, (_, i) => i - 99)
  const past = { prediction: new Float64Array(199), actual: residuals }

  it('is as promised on examples like those before', () => {
    const levels = coverageByLevel(past, past, [0.5, 0.8])
    // α = .5: from the 50th (−50) to the 150th (50): 101 of 199; α = .2: from the 20th (−80) to the 180th: 161
    expect(levels.map(({ covered }) => covered.value)).toEqual([101 / 199, 161 / 199])
    expect(levels[0]!.covered.low).toBeLessThan(0.5)
    expect(levels[0]!.covered.high).toBeGreaterThan(0.5)
  })
  it('falls where later examples vary twice as much', () => {
    const later = { prediction: new Float64Array(199), actual: residuals.map((value) => 2 * value) }
    // |2r| ≤ 80: r from −40 to 40
    expect(coverageByLevel(past, later, [0.8])[0]!.covered.value).toBe(81 / 199)
  })
  it('leaves out what too few examples cannot promise', () => {
    const few = { prediction: [0, 0, 0], actual: [1, 2, 3] }
    expect(coverageByLevel(few, past, [0.5, 0.9]).map(({ promised }) => promised)).toEqual([0.5])
  })
})

describe('intervalsBySize', () => {
  it('shows an interval of one width that is too wide for small predictions and too narrow for large ones', () => {
    const prediction = Float64Array.from({ length: 200 }, (_, i) => i)
    const actual = prediction.map((value, i) => value + (i % 2 === 0 ? 1 : -1) * value * 0.1)
    const groups = intervalsBySize(
      { prediction, actual },
      prediction.map((value) => value - 10),
      prediction.map((value) => value + 10),
      0.8,
      4,
    )
    expect(groups.map(({ count }) => count)).toEqual([50, 50, 50, 50])
    // off by a tenth: within 10 up to 100
    expect(groups.map(({ covered }) => covered.value)).toEqual([1, 1, 1 / 50, 0])
    expect(groups[0]!.meanPrediction).toBe(24.5)
    expect(groups[0]!.upper - groups[0]!.lower).toBe(20)
    expect(groups[3]!.actualUpper - groups[3]!.actualLower).toBeGreaterThan(30)
  })
  it('counts the ends as within', () => {
    expect([...withinInterval([1, 1, 1], [2, 2, 2], [1, 2, 2.1])]).toEqual([1, 1, 0])
  })
})

describe('consistencyBand', () => {
  it('is that of a binomial share where all probabilities are equal', () => {
    const [band] = consistencyBand(new Float64Array(100).fill(0.3), createRandom(1))
    // Bin(100, .3): the 2.5 % and 97.5 % quantiles are 21 and 39
    expect(band!.low).toBeCloseTo(0.21, 1)
    expect(band!.high).toBeCloseTo(0.39, 1)
  })
  it('has a band for each point of the curve', () => {
    const probability = Float64Array.from({ length: 300 }, (_, i) => i / 300)
    const curve = reliabilityCurve(probability, new Float64Array(300), 7)
    const band = consistencyBand(probability, createRandom(1), 7)
    expect(band).toHaveLength(curve.length)
    for (const [i, { low, high }] of band.entries()) {
      expect(low).toBeLessThanOrEqual(curve[i]!.meanProbability)
      expect(high).toBeGreaterThanOrEqual(curve[i]!.meanProbability)
    }
  })
})
