import { describe, expect, it } from 'vitest'
import { logGamma } from '../../../training/estimators/log-gamma.ts'
import { nelderMead } from '../../../training/estimators/nelder-mead.ts'

describe('nelderMead', () => {
  it("finds the bottom of Rosenbrock's valley", () => {
    const { point, value } = nelderMead(([x, y]) => (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2, Float64Array.of(-1.2, 1))
    expect(point[0]).toBeCloseTo(1, 3)
    expect(point[1]).toBeCloseTo(1, 3)
    expect(value).toBeLessThan(1e-8)
  })

  it('keeps away from where there is no number', () => {
    const { point } = nelderMead(([x]) => (x! - 2) ** 2 + Math.log(x!) * 0, Float64Array.of(0.1), { step: -0.5 })
    expect(point[0]).toBeCloseTo(2, 4)
  })

  it('ends where it began when nothing is better', () => {
    expect([...nelderMead(() => 1, Float64Array.of(3, 4)).point]).toEqual([3, 4])
  })
})

describe('logGamma', () => {
  it.each([
    [0.25, Math.log(3.625609908221908)],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [1, 0],
    [5, Math.log(24)],
    [171, 706.5730622457874], // ln 170!
  ])('ln Γ(%d)', (x, expected) => {
    expect(logGamma(x)).toBeCloseTo(expected, 9)
  })
})
