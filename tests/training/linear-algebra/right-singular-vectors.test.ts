import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { addTranspose } from '../../../training/linear-algebra/add-transpose.ts'
import { rightSingularVectors } from '../../../training/linear-algebra/right-singular-vectors.ts'
import { sparseTimesDense } from '../../../training/linear-algebra/sparse-times-dense.ts'

// [1 1 0; 1 1 0; 0 0 3; 0 0 0]: singular values 3 with e_3, 2 with (1, 1, 0)/√2, and rank 2
const x = {
  offsets: Int32Array.of(0, 2, 4, 5, 5),
  columns: Int32Array.of(0, 1, 0, 1, 2),
  values: Float32Array.of(1, 1, 1, 1, 3),
}

describe('rightSingularVectors', () => {
  it('more asked for than the rank: the vectors that there are, by falling singular value', async () => {
    const { vectors, squares } = await rightSingularVectors(x, 3, 3, 4, createRandom(1), new AbortController().signal)
    expect(squares).toHaveLength(2)
    expect(squares[0]).toBeCloseTo(9, 4)
    expect(squares[1]).toBeCloseTo(4, 4)
    // rows are items: [0 ±.7071; 0 ±.7071; ±1 0]
    const absolute = Array.from(vectors.values, Math.abs)
    for (const [i, expected] of [0, Math.SQRT1_2, 0, Math.SQRT1_2, 1, 0].entries()) {
      expect(absolute[i]).toBeCloseTo(expected, 3)
    }
  })
})

/** 300 × 260, each row with one entry of its own: the singular values are the entries. */
const flat = {
  offsets: Int32Array.from({ length: 301 }, (_, i) => Math.min(i, 260)),
  columns: Int32Array.from({ length: 260 }, (_, i) => i),
  values: Float32Array.from({ length: 260 }, (_, i) => Math.sqrt(1 - i / 300)),
}

describe('rightSingularVectors of a flat spectrum', () => {
  it('eight products: the last of 40 eigenvalues to two per cent, where two miss it by five', async () => {
    const lastOf = async (rounds: number): Promise<number> => {
      const { squares } = await rightSingularVectors(
        flat,
        260,
        40,
        rounds,
        createRandom(2),
        new AbortController().signal,
      )
      return squares[39]!
    }
    // The 40th of 1 − i/300 is 0.87; a Ritz value never exceeds what it stands for.
    const [few, many] = [await lastOf(2), await lastOf(8)]
    expect(few).toBeLessThan(0.87 * 0.95)
    expect(many).toBeGreaterThan(0.87 * 0.98)
    expect(many).toBeLessThanOrEqual(0.87 + 1e-4)
  })
})

describe('sparseTimesDense', () => {
  it('rows of five, two, one and no entries: each the sum of the weighed rows', () => {
    const dense = { rows: 5, columns: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) }
    const sparse = {
      offsets: Int32Array.of(0, 5, 7, 8, 8),
      columns: Int32Array.of(0, 1, 2, 3, 4, 0, 4, 2),
      values: Float32Array.of(1, 1, 1, 1, 1, 2, -1, 3),
    }
    // 1+3+5+7+9, 2+4+6+8+10; 2·1−9, 2·2−10; 3·5, 3·6; nothing
    expect([...sparseTimesDense(sparse, dense).values]).toEqual([25, 30, -7, -6, 15, 18, 0, 0])
  })
})

describe('addTranspose', () => {
  it('a small matrix: the lower triangle of A + Aᵀ', () => {
    const a = { rows: 2, columns: 2, values: Float32Array.of(1, 2, 3, 4) }
    addTranspose(a)
    expect([a.values[0], a.values[2], a.values[3]]).toEqual([2, 5, 8])
  })
})
