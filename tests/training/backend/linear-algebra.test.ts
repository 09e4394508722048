import { describe, expect, it } from 'vitest'
import { type Matrix, multiply } from '../../../training/backend/linear-algebra.ts'

const matrix = (rows: number, columns: number, values: number[]): Matrix => ({
  rows,
  columns,
  values: Float32Array.from(values),
})

describe('multiply', () => {
  // [1 2; 3 4; 5 6] · [1 0 2; 0 1 3] = [1 2 8; 3 4 18; 5 6 28]
  const a = matrix(3, 2, [1, 2, 3, 4, 5, 6])
  const b = matrix(2, 3, [1, 0, 2, 0, 1, 3])
  const product = [1, 2, 8, 3, 4, 18, 5, 6, 28]
  const aTransposed = matrix(2, 3, [1, 3, 5, 2, 4, 6])
  const bTransposed = matrix(3, 2, [1, 0, 0, 1, 2, 3])

  it.each([
    ['as they are', a, b, {}],
    ['the left one transposed', aTransposed, b, { transposeA: true }],
    ['the right one transposed', a, bTransposed, { transposeB: true }],
    ['both transposed', aTransposed, bTransposed, { transposeA: true, transposeB: true }],
  ])('multiplies matrices, %s', async (_, left, right, options) => {
    expect([...(await multiply(left, right, options)).values]).toEqual(product)
  })

  it('writes into the memory it is given', async () => {
    const out = new Float32Array(9).fill(7)
    expect((await multiply(a, b, { out })).values).toBe(out)
    expect([...out]).toEqual(product)
  })

  it('nothing between rows and columns: zeros', async () => {
    expect([...(await multiply(matrix(1, 0, []), matrix(0, 2, []))).values]).toEqual([0, 0])
  })

  it('shapes that do not fit: says both', async () => {
    await expect(multiply(a, a)).rejects.toThrow('Cannot multiply [3, 2] (6 values) by [3, 2] (6) into 6.')
  })
})
