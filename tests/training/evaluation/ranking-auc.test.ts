import { describe, expect, it } from 'vitest'
import { rankingAuc } from '../../../training/evaluation/ranking-auc.ts'

const none = Number.NEGATIVE_INFINITY

describe('rankingAuc', () => {
  it('counts the pairs in the right order', () => {
    // held out: items 0 (score 5) and 3 (score 2); others 4, 3, 1: 5 beats three of them, 2 beats one: 4 of 6
    expect(rankingAuc(Float32Array.of(5, 4, 3, 2, 1), Int32Array.of(0, 3))).toBeCloseTo(4 / 6)
  })
  it('gives half for a tie', () => {
    // held out 0 (2): beats 1, ties with 2, loses to 3: 1.5 of 3
    expect(rankingAuc(Float32Array.of(2, 1, 2, 3), Int32Array.of(0))).toBe(0.5)
    expect(rankingAuc(new Float32Array(7).fill(1), Int32Array.of(2, 4))).toBe(0.5)
  })
  it('leaves out what is no candidate', () => {
    expect(rankingAuc(Float32Array.of(2, none, 1, 3), Int32Array.of(0))).toBe(0.5)
  })
  it('puts a held-out item that is never listed behind every other', () => {
    // item 0 is behind 2 and 3; item 2 beats 3: 1 of 2·1 pairs
    expect(rankingAuc(Float32Array.of(none, none, 2, 1), Int32Array.of(0, 2))).toBe(0.5)
    expect(rankingAuc(Float32Array.of(none, 2, 1), Int32Array.of(0))).toBe(0)
  })
  it('is undefined with nothing held out, or nothing else', () => {
    expect(rankingAuc(Float32Array.of(1, 2), Int32Array.of())).toBeNaN()
    expect(rankingAuc(Float32Array.of(none, 2), Int32Array.of(1))).toBeNaN()
  })
})
