import { describe, expect, it } from 'vitest'
import { blendFeatures, featureCount } from '../../../training/hybrid/blend-features.ts'

describe('blendFeatures', () => {
  // Three items, two components, a history of one item.
  const features = new Float32Array(3 * featureCount(2))
  blendFeatures(
    [Float32Array.of(1, 3, 2), Float32Array.of(7, 7, 7)],
    1,
    { popularity: Float32Array.of(0.5, 0, -0.5), meanLength: 0 },
    features,
  )
  const row = (item: number): number[] => [...features.subarray(item * 6, item * 6 + 6)]

  it('standardises each component over the catalogue', () => {
    // 1, 3, 2: mean 2, deviation √(2/3)
    const z = 1 / Math.sqrt(2 / 3)
    expect(row(1)[0]).toBeCloseTo(z, 5)
    expect(row(0)[0]).toBeCloseTo(-z, 5)
    expect(row(2)[0]).toBeCloseTo(0, 5)
  })

  it('a component that scores all alike: says nothing', () => {
    expect([0, 1, 2].map((item) => row(item)[2])).toEqual([0, 0, 0])
  })

  it('adds what the length of the history makes of score and popularity', () => {
    expect(row(1)[1]).toBeCloseTo(row(1)[0]! * Math.log(2), 5) // one item: ln(1 + 1)
    expect(row(0).slice(4)).toEqual([0.5, Math.fround(0.5 * Math.log(2))])
  })
})
