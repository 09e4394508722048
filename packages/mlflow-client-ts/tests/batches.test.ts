import { describe, expect, it } from 'vitest'
import { splitBatch } from '../src/batches.ts'
import { MlflowInputError } from '../src/errors.ts'

const pairs = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: 'v' }))
const points = (count: number) => Array.from({ length: count }, (_, step) => ({ key: 'm', value: 1, step }))

describe('splitBatch', () => {
  it('makes no request of nothing', () => {
    expect(splitBatch({})).toEqual([])
  })

  it('keeps each request within all limits', () => {
    // 1st: 100 params + 100 tags leave room for 800 metrics; 2nd: 50 + 20 leave 930; 3rd: the last 270 of 2000.
    const requests = splitBatch({ metrics: points(2000), params: pairs(150), tags: pairs(120) })
    expect(requests.map((r) => [r.metrics.length, r.params.length, r.tags.length])).toEqual([
      [800, 100, 100],
      [930, 50, 20],
      [270, 0, 0],
    ])
  })

  it('fixes the missing timestamps once', () => {
    expect(splitBatch({ metrics: [{ key: 'm', value: 1 }] }, 77)[0]!.metrics).toEqual([
      { key: 'm', value: 1, timestamp: 77, step: 0 },
    ])
  })

  for (const [what, batch] of [
    ['a fractional step, which would become 0', { metrics: [{ key: 'm', value: 1, step: 1.5 }] }],
    ['a negative timestamp', { metrics: [{ key: 'm', value: 1, timestamp: -1 }] }],
    ['a parameter that would be cut', { params: [{ key: 'p', value: 'x'.repeat(6001) }] }],
    ['a tag that would be cut', { tags: [{ key: 't', value: 'x'.repeat(8001) }] }],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => splitBatch(batch)).toThrow(MlflowInputError)
    })
  }
})
