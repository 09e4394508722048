import { describe, expect, it } from 'vitest'
import { intervalScores } from '../../../training/evaluation/interval-score.ts'

describe('intervalScores', () => {
  it('is the width, and 2/α times what lies outside', () => {
    // α = .2: 10 times; 3 is within [1, 5], −1 is 2 below, 6 is 1 above
    const scores = intervalScores({ lower: [1, 1, 1], upper: [5, 5, 5] }, [3, -1, 6], 0.2)
    expect([...scores]).toEqual([4, 4 + 20, 4 + 10])
  })

  it('counts both ends as within', () => {
    expect([...intervalScores({ lower: [1, 1], upper: [5, 5] }, [1, 5], 0.5)]).toEqual([4, 4])
  })

  it('prefers the true quantiles of an even spread to wider and narrower intervals', () => {
    const actual = Float64Array.from({ length: 1001 }, (_, i) => i / 1000)
    const mean = (half: number): number => {
      const ends = { lower: actual.map(() => 0.5 - half), upper: actual.map(() => 0.5 + half) }
      return intervalScores(ends, actual, 0.2).reduce((sum, score) => sum + score / actual.length, 0)
    }
    expect(mean(0.4)).toBeLessThan(mean(0.35))
    expect(mean(0.4)).toBeLessThan(mean(0.45))
  })
})
