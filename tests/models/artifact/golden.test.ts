import { describe, expect, it } from 'vitest'
import { checkGolden, goldenInputs } from '../../../models/artifact/golden.ts'
import type { Golden } from '../../../models/artifact/manifest.ts'

const golden: Golden = {
  inputs: { user: { shape: [2], data: [0, 1] } },
  outputs: { score: { shape: [2], data: [100, Number.NaN] } },
  tolerance: { absolute: 0.5, relative: 0.01 },
}
const outputs = (...data: number[]) => ({ score: { shape: [data.length], data: Float32Array.from(data) } })

describe('checkGolden', () => {
  it('accepts what is within absolute plus relative tolerance', () => {
    // 0.5 + 0.01·100 = 1.5
    expect(() => checkGolden(golden, outputs(101.4, Number.NaN), 'dir')).not.toThrow()
  })

  it('refuses what is beyond, and names element and numbers', () => {
    expect(() => checkGolden(golden, outputs(102, Number.NaN), 'dir')).toThrow('score[0] should be 100, got 102')
  })

  it('refuses NaN where a number should be, and a number where NaN should be', () => {
    expect(() => checkGolden(golden, outputs(Number.NaN, Number.NaN), 'dir')).toThrow('score[0]')
    expect(() => checkGolden(golden, outputs(100, 0), 'dir')).toThrow('score[1] should be NaN')
  })

  it('names the worst of several elements', () => {
    const wide: Golden = { ...golden, outputs: { score: { shape: [2], data: [100, 100] } } }
    expect(() => checkGolden(wide, outputs(105, 120), 'dir')).toThrow('score[1]')
  })

  it('refuses another shape and a missing output', () => {
    expect(() => checkGolden(golden, outputs(100), 'dir')).toThrow('should have shape [2], got [1]')
    expect(() => checkGolden(golden, {}, 'dir')).toThrow('expected output score, got none')
  })
})

describe('goldenInputs', () => {
  it('takes the dtype from the manifest', () => {
    const { user } = goldenInputs(golden, { inputs: [{ name: 'user', dtype: 'int32', shape: [-1] }] })
    expect(user).toEqual({ shape: [2], data: Int32Array.of(0, 1) })
  })

  it('refuses a manifest that names an input the batch lacks', () => {
    expect(() => goldenInputs(golden, { inputs: [{ name: 'item', dtype: 'int32', shape: [-1] }] })).toThrow(
      'expected input item',
    )
  })
})
