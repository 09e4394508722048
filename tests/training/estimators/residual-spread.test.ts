import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { fitResidualSpread, spreadOf } from '../../../training/estimators/residual-spread.ts'

const n = 2000
const random = createRandom(5)
/** One column; where it is 1, residuals are e² times as large as where it is −1. */
const design = { values: Float32Array.from({ length: n }, () => (random.uniform() < 0.5 ? 1 : -1)), width: 1 }
const residuals = Float64Array.from({ length: n }, (_, i) => Math.exp(design.values[i]!) * random.normal())
const every = Int32Array.from({ length: n }, (_, i) => i)

describe('fitResidualSpread', () => {
  it('finds by which factor kinds of rows differ', () => {
    const spread = fitResidualSpread(design, every, residuals)!
    const [narrow, wide] = spreadOf(spread, { values: Float32Array.of(-1, 1), width: 1 })
    expect(wide! / narrow!).toBeGreaterThan(0.8 * Math.exp(2))
    expect(wide! / narrow!).toBeLessThan(1.2 * Math.exp(2))
  })

  it('does not go beyond what it has seen', () => {
    const spread = fitResidualSpread(design, every, residuals)!
    const [seen, beyond] = spreadOf(spread, { values: Float32Array.of(1, 100), width: 1 })
    expect(beyond).toBe(seen)
  })

  it('leaves unknown residuals out', () => {
    const half = every.subarray(0, n / 2)
    const holes = residuals.map((value, i) => (i < n / 2 ? value : Number.NaN))
    expect(fitResidualSpread(design, every, holes)).toEqual(fitResidualSpread(design, half, residuals))
  })

  it('is undefined where most predictions are exact, and where nothing is known', () => {
    expect(fitResidualSpread(design, every, new Float64Array(n))).toBeUndefined()
    expect(fitResidualSpread(design, every, new Float64Array(n).fill(Number.NaN))).toBeUndefined()
  })
})
