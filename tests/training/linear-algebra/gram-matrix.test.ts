import { describe, expect, it } from 'vitest'
import { gramMatrix } from '../../../training/linear-algebra/gram-matrix.ts'

describe('gramMatrix', () => {
  // rows: {2, 0}, {1}, {2, 1, 0, 3, 4}, columns in no order; XᵀX counts the rows that two columns share
  const offsets = Int32Array.of(0, 2, 3, 8)
  const columns = Int32Array.of(2, 0, 1, 2, 1, 0, 3, 4)

  it('ones: the lower triangle counts shared rows, zeros above', async () => {
    const { values } = await gramMatrix({ offsets, columns, values: new Float32Array(8).fill(1) }, 5)
    expect([...values]).toEqual([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 2, 1, 2, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1])
  })

  it('weights: their products', async () => {
    // row 0: x₂ = 2, x₀ = 3; row 1: x₁ = 5; row 2: x₂ = 1, x₁ = −1, others 0
    const { values } = await gramMatrix({ offsets, columns, values: Float32Array.of(2, 3, 5, 1, -1, 0, 0, 0) }, 5)
    const lower = [values[0], values[5], values[6], values[10], values[11], values[12]]
    // x₀² = 9, x₁x₀ = 0, x₁² = 25 + 1, x₂x₀ = 6, x₂x₁ = −1, x₂² = 4 + 1
    expect(lower).toEqual([9, 0, 26, 6, -1, 5])
  })
})
