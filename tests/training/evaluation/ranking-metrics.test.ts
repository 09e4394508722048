import { describe, expect, it } from 'vitest'
import {
  averagePrecision,
  hitRate,
  precision,
  rankingMetrics,
  recall,
  reciprocalRank,
} from '../../../training/evaluation/ranking-metrics.ts'

describe('ranking metrics', () => {
  const ranked = [5, 1, 7, 2]
  const relevant = new Set([7, 2, 9])
  it('recall is the share of the held-out items found', () => {
    expect(recall(ranked, relevant, 3)).toBeCloseTo(1 / 3)
    expect(recall(ranked, relevant, 10)).toBeCloseTo(2 / 3)
  })
  it('precision is the share of the list that was held out', () => {
    expect(precision(ranked, relevant, 4)).toBe(0.5)
  })
  it('hit rate asks for one', () => {
    expect(hitRate(ranked, relevant, 2)).toBe(0)
    expect(hitRate(ranked, relevant, 4)).toBe(1)
  })
  it('reciprocal rank looks for the first', () => {
    expect(reciprocalRank(ranked, relevant, 4)).toBeCloseTo(1 / 3)
    expect(reciprocalRank(ranked, relevant, 2)).toBe(0)
  })
  it('average precision takes the precision at each hit', () => {
    // hits at places 3 and 4: (1/3 + 2/4) / min(k, 3)
    expect(averagePrecision(ranked, relevant, 4)).toBeCloseTo((1 / 3 + 1 / 2) / 3)
    // cut off at 3, one hit: (1/3) / 3; at 2, none
    expect(averagePrecision(ranked, relevant, 3)).toBeCloseTo(1 / 9)
    expect(averagePrecision(ranked, relevant, 2)).toBe(0)
  })
  it.each(Object.keys(rankingMetrics))('%s is undefined with nothing held out', (name) => {
    expect(rankingMetrics[name]!(ranked, new Set(), 3)).toBeNaN()
  })
})
