import { describe, expect, it } from 'vitest'
import { binFeatures, encodeBins, fitBinEdges, valueAt } from '../../../../training/estimators/boosting/feature-bins.ts'

describe('fitBinEdges', () => {
  it('puts an edge midway between neighbours where all values fit', () => {
    expect([...fitBinEdges(Float32Array.of(4, 1, 2, 1, 4), 255)]).toEqual([1.5, 3])
  })

  it('makes bins of about equal count, and none of two', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i)
    const edges = fitBinEdges(values, 4)
    expect([...edges]).toEqual([249.5, 499.5, 749.5])
  })

  it('gives a frequent value a bin of its own', () => {
    // 0 … 9, and 5 fifty times more
    const values = Float32Array.from({ length: 60 }, (_, i) => (i < 10 ? i : 5))
    const codes = encodeBins(values, fitBinEdges(values, 3))
    const alike = values.filter((_, i) => codes[i] === codes[5])
    expect(new Set(alike)).toEqual(new Set([5]))
  })

  it('has no edge for a constant, for nothing but missing values, and for no value', () => {
    for (const values of [[7, 7, 7], [Number.NaN, Number.NaN], []]) {
      expect(fitBinEdges(Float32Array.from(values), 255)).toHaveLength(0)
    }
  })

  it('parts neighbouring float32 numbers and infinite ones', () => {
    const next = Math.fround(1 + 2 ** -23)
    const values = Float32Array.of(Number.NEGATIVE_INFINITY, 1, next, Number.POSITIVE_INFINITY)
    expect([...encodeBins(values, fitBinEdges(values, 255))]).toEqual([1, 2, 3, 4])
  })
})

describe('encodeBins', () => {
  it('sends a value on an edge below it, what is missing to 0, and new values to the nearest bin', () => {
    const edges = Float32Array.of(1, 2)
    const values = Float32Array.of(1, 1.0001, 2, 3, -1e30, 1e30, Number.NaN)
    expect([...encodeBins(values, edges)]).toEqual([1, 2, 2, 3, 1, 3, 0])
  })

  it('agrees with a comparison of values at every threshold', () => {
    const column = Float32Array.from({ length: 500 }, (_, i) => Math.fround(Math.sin(i) * 10))
    const { edges, codes } = binFeatures([column], Int32Array.from(column.keys()), 16)
    expect(edges[0]).toHaveLength(15)
    for (let threshold = 1; threshold <= 16; threshold++) {
      const limit = valueAt(edges[0]!, threshold)
      column.forEach((value, row) => {
        expect(codes[0]![row]! <= threshold).toBe(value <= limit)
      })
    }
  })
})
