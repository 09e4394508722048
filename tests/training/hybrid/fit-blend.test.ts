import { describe, expect, it } from 'vitest'
import { fitBlend } from '../../../training/hybrid/fit-blend.ts'

describe('fitBlend', () => {
  it('two candidates that differ by one feature: the weight at which share and penalty balance', () => {
    // d/dw of −ln σ(w) + ½·l2·w² is σ(w) − 1 + l2·w; at w = 1 it is 0 for l2 = 1 − σ(1) = .2689414
    const example = { features: Float32Array.of(0, 1), positive: 1 }
    expect(fitBlend([example], 1, 0.2689414)[0]).toBeCloseTo(1, 5)
  })

  it('what came half of the time under either value: says nothing', () => {
    const features = Float32Array.of(0, 1)
    const examples = [
      { features, positive: 0 },
      { features, positive: 1 },
    ]
    expect(fitBlend(examples, 1, 0.1)[0]).toBeCloseTo(0, 6)
  })

  it('a feature that is alike for all candidates: no weight', () => {
    // the second feature is 5 for both: it moves no share, and the penalty wants 0
    const example = { features: Float32Array.of(0, 5, 1, 5), positive: 1 }
    const [weight, constant] = fitBlend([example], 2, 0.2689414)
    expect(weight).toBeCloseTo(1, 5)
    expect(constant).toBeCloseTo(0, 6)
  })

  it('scores far apart: does not overflow', () => {
    const example = { features: Float32Array.of(-1000, 1000), positive: 1 }
    expect(fitBlend([example], 1, 0.001).every(Number.isFinite)).toBe(true)
  })
})
