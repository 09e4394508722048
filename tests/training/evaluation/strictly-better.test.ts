import { describe, expect, it } from 'vitest'
import { strictlyBetter } from '../../../training/evaluation/strictly-better.ts'

describe('strictlyBetter', () => {
  it('follows the direction of the metric', () => {
    expect([strictlyBetter(0.6, 0.5, true), strictlyBetter(0.6, 0.5, false)]).toEqual([true, false])
    expect([strictlyBetter(0.5, 0.6, true), strictlyBetter(0.5, 0.6, false)]).toEqual([false, true])
  })

  it('takes a margin within rounding for none', () => {
    // 10⁻⁶ of 0.5 is 5·10⁻⁷: a margin of 4·10⁻⁷ is noise, one of 6·10⁻⁷ is not
    expect([strictlyBetter(0.5000004, 0.5, true), strictlyBetter(0.5000006, 0.5, true)]).toEqual([false, true])
    expect([strictlyBetter(0.4999996, 0.5, false), strictlyBetter(0.4999994, 0.5, false)]).toEqual([false, true])
  })

  it('is false for equal figures, and where one is not a number', () => {
    expect(strictlyBetter(0, 0, true)).toBe(false)
    expect([strictlyBetter(Number.NaN, 0, true), strictlyBetter(1, Number.NaN, true)]).toEqual([false, false])
  })
})
