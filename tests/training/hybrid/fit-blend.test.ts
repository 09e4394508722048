import { describe, expect, it } from 'vitest'
import { fitBlend } from '../../../training/hybrid/fit-blend.ts'

const none = (width: number): Float64Array => new Float64Array(width)

describe('fitBlend', () => {
  it('two candidates that differ by one feature: the weight at which share and penalty balance', () => {
    // d/dw of −ln σ(w) + ½·l2·w² is σ(w) − 1 + l2·w; at w = 1 it is 0 for l2 = 1 − σ(1) = .2689414
    const example = { features: Float32Array.of(0, 1), positive: 1, weight: 1 }
    expect(fitBlend([example], none(1), 0.2689414)[0]).toBeCloseTo(1, 5)
  })

  it('what came half of the time under either value: says nothing', () => {
    const features = Float32Array.of(0, 1)
    const examples = [
      { features, positive: 0, weight: 1 },
      { features, positive: 1, weight: 1 },
    ]
    expect(fitBlend(examples, none(1), 0.1)[0]).toBeCloseTo(0, 6)
  })

  it('an example of half the weight: balances at half the penalty', () => {
    const example = { features: Float32Array.of(0, 1), positive: 1, weight: 0.5 }
    expect(fitBlend([example], none(1), 0.2689414 / 2)[0]).toBeCloseTo(1, 5)
  })

  it('without examples: the fair weights; with one: pulled towards them', () => {
    const fair = Float64Array.of(2)
    expect(fitBlend([], fair, 10)).toEqual(fair)
    // σ(w) − 1 + l2·(w − 2) is 0 at w = 3 for l2 = 1 − σ(3) = .0474259
    const example = { features: Float32Array.of(0, 1), positive: 1, weight: 1 }
    expect(fitBlend([example], fair, 0.0474259)[0]).toBeCloseTo(3, 4)
  })

  it('a feature that is alike for all candidates: no weight', () => {
    // the second feature is 5 for both: it moves no share, and the penalty wants 0
    const example = { features: Float32Array.of(0, 5, 1, 5), positive: 1, weight: 1 }
    const [weight, constant] = fitBlend([example], none(2), 0.2689414)
    expect(weight).toBeCloseTo(1, 5)
    expect(constant).toBeCloseTo(0, 6)
  })

  it('scores far apart: does not overflow', () => {
    const example = { features: Float32Array.of(-1000, 1000), positive: 1, weight: 1 }
    expect(fitBlend([example], none(1), 0.001).every(Number.isFinite)).toBe(true)
  })
})
