import { describe, expect, it } from 'vitest'
import { ndcg } from '../../../training/evaluation/ndcg.ts'

describe('ndcg', () => {
  it('discounts a hit by its position', () => {
    // one relevant item at position 2: (1/log2 3) / (1/log2 2) = 0.6309
    expect(ndcg([7, 3, 9], new Set([3]), 3)).toBeCloseTo(0.6309, 4)
  })
  it('compares with the best list possible at this cut-off', () => {
    // hits at 1 and 3 of three relevant, cut at 3: (1 + 1/2) / (1 + 0.6309 + 1/2) = 0.7039
    expect(ndcg([1, 9, 2], new Set([1, 2, 3]), 3)).toBeCloseTo(0.7039, 4)
    expect(ndcg([1, 2], new Set([1, 2, 3, 4]), 2)).toBe(1)
  })
  it('reads no further than k', () => {
    expect(ndcg([7, 3], new Set([3]), 1)).toBe(0)
  })
  it('is undefined for a user with nothing held out', () => {
    expect(ndcg([7, 3, 9], new Set(), 3)).toBeNaN()
  })
})
