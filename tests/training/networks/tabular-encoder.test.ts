import { describe, expect, it } from 'vitest'
import {
  encodedWidth,
  encodeTabular,
  fitTabularEncoder,
  linearWidth,
} from '../../../training/networks/tabular-encoder.ts'

describe('fitTabularEncoder', () => {
  const rows = Int32Array.of(0, 1, 2, 3)

  it('standardises, flags what is missing, and gives a constant no weight', () => {
    // x₀ = 1, 3, 1, 3: mean 2, sd 1; x₁ = 5 throughout but once missing
    const numeric = Float32Array.of(1, 5, 3, 5, 1, Number.NaN, 3, 5)
    const encoder = fitTabularEncoder(numeric, 2, rows, 4)
    const encoded = encodeTabular(encoder, numeric)
    const width = encodedWidth(encoder)
    expect(linearWidth(encoder)).toBe(3)
    expect([...encoded.subarray(0, 3)]).toEqual([-1, 0, 0])
    expect([...encoded.subarray(2 * width, 2 * width + 3)]).toEqual([-1, 0, 1])
  })

  it('takes logarithms of what is skewed', () => {
    const numeric = Float32Array.of(1, 10, 100, 1e6)
    expect(fitTabularEncoder(numeric, 1, rows, 4).logarithm[0]).toBe(1)
  })

  it('encodes extreme and infinite values within bounds', () => {
    const encoder = fitTabularEncoder(Float32Array.of(1, 2, 3, 4), 1, rows, 4)
    const encoded = encodeTabular(encoder, Float32Array.of(1e30, -1e30))
    expect(encoded[0]).toBe(6)
    expect(encoded.every(Number.isFinite)).toBe(true)
  })
})
