import { describe, expect, it } from 'vitest'
import { type Matrix, multiply } from '../../../training/backend/linear-algebra.ts'
import { createRandom } from '../../../training/backend/random.ts'
import { factorCholesky, solveCholesky } from '../../../training/linear-algebra/cholesky.ts'
import { invertPositiveDefinite } from '../../../training/linear-algebra/invert-positive-definite.ts'

const matrix = (rows: number, columns: number, values: number[]): Matrix => ({
  rows,
  columns,
  values: Float32Array.from(values),
})

describe('invertPositiveDefinite', () => {
  it('two rows: the inverse by hand', async () => {
    // det = 4·3 − 2·2 = 8, so [3 −2; −2 4] / 8
    const { values } = await invertPositiveDefinite(matrix(2, 2, [4, 2, 2, 3]))
    for (const [i, expected] of [0.375, -0.25, -0.25, 0.5].entries()) expect(values[i]).toBeCloseTo(expected, 6)
  })

  it('more rows than a panel has, not a multiple of it: A·A⁻¹ is the identity', async () => {
    const size = 300
    const random = createRandom(1)
    const x = matrix(
      size,
      size,
      Array.from({ length: size * size }, () => random.uniform() - 0.5),
    )
    const a = await multiply(x, x, { transposeA: true })
    for (let i = 0; i < size; i++) a.values[i * size + i]! += 1
    const product = await multiply(a, await invertPositiveDefinite(a))
    for (const [at, value] of product.values.entries()) {
      const expected = at % (size + 1) === 0 ? 1 : 0
      if (Math.abs(value - expected) > 1e-4) expect.fail(`entry ${at} is ${value}, expected ${expected}`)
    }
  })

  it('an indefinite matrix: says so and what helps', async () => {
    await expect(invertPositiveDefinite(matrix(2, 2, [1, 2, 2, 1]))).rejects.toThrow('raise the regularisation')
  })
})

describe('solveCholesky', () => {
  it('several right sides, only the lower triangle given: the solutions', async () => {
    // [4 2; 2 3]·[1 0; 2 1] = [8 2; 8 3]; what stands above the diagonal is not read
    const factor = await factorCholesky(matrix(2, 2, [4, 99, 2, 3]))
    const { values } = await solveCholesky(factor, matrix(2, 2, [8, 2, 8, 3]))
    for (const [i, expected] of [1, 0, 2, 1].entries()) expect(values[i]).toBeCloseTo(expected, 5)
  })
})
