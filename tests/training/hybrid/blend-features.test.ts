import { describe, expect, it } from 'vitest'
import { blendFeatures, featureCount } from '../../../training/hybrid/blend-features.ts'

describe('blendFeatures', () => {
  // Four items, of which the user has had item 3; two components.
  const features = new Float32Array(4 * featureCount(2))
  const best = blendFeatures(
    [Float32Array.of(1, 3, 2, 99), Float32Array.of(7, 7, 7, -50)],
    Int32Array.of(3),
    { popularity: Float32Array.of(0.5, 0, -0.5, 0), meanLength: 0 },
    features,
  )
  const row = (item: number): number[] => [...features.subarray(item * 8, item * 8 + 8)]

  it('standardises each component over what the user has not had', () => {
    // 1, 3, 2: mean 2, deviation √(2/3); the history's 99 does not count
    const z = 1 / Math.sqrt(2 / 3)
    expect(row(1)[0]).toBeCloseTo(z, 5)
    expect(row(0)[0]).toBeCloseTo(-z, 5)
    expect(row(2)[0]).toBeCloseTo(0, 5)
    // all equal: it says nothing
    expect([0, 1, 2].map((item) => row(item)[3])).toEqual([0, 0, 0])
  })

  it('adds the place among the best, ln(151 ÷ place), and what the length of the history makes of the score', () => {
    expect(row(1)[2]).toBeCloseTo(Math.log(151), 5)
    expect(row(2)[2]).toBeCloseTo(Math.log(151 / 2), 5)
    expect(row(1)[1]).toBeCloseTo(row(1)[0]! * Math.log(2), 5) // one item: ln(1 + 1)
    expect(row(0).slice(6)).toEqual([0.5, Math.fround(0.5 * Math.log(2))])
  })

  it('names the best of any component, never what the user has had', () => {
    expect([...best]).toEqual([0, 1, 2])
  })
})
