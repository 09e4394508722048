import { describe, expect, it } from 'vitest'
import { makeGolden } from '../../../training/export/golden.ts'

describe('makeGolden', () => {
  it('keeps shapes and values as JSON can hold them', () => {
    const golden = makeGolden(
      { user: { shape: [2], data: Int32Array.of(0, 5) } },
      { score: { shape: [2], data: Float32Array.of(0.5, -2) } },
    )
    expect(JSON.parse(JSON.stringify(golden))).toEqual({
      inputs: { user: { shape: [2], data: [0, 5] } },
      outputs: { score: { shape: [2], data: [0.5, -2] } },
      tolerance: { absolute: 1e-4, relative: 1e-4 },
    })
  })

  it('takes a missing input, but no output that is not a number', () => {
    const missing = { x: { shape: [1], data: Float32Array.of(Number.NaN) } }
    expect(makeGolden(missing, {}).inputs.x!.data).toEqual([Number.NaN])
    expect(() => makeGolden({}, missing)).toThrow('x[0] is NaN')
  })
})
