import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import { coverage } from '../../../training/evaluation/regression.ts'
import { type IntervalLesson, intervalEnds, learnIntervals } from '../../../training/jobs/outcome-intervals.ts'

const n = 3000
const train = Int32Array.from({ length: 1500 }, (_, i) => i)
const valid = Int32Array.from({ length: 500 }, (_, i) => 1500 + i)
const test = Int32Array.from({ length: 1000 }, (_, i) => 2000 + i)

const validation = (actual: Float64Array, rows = valid) => ({
  valid: rows,
  prediction: new Float64Array(rows.length).fill(5),
  actual,
})

/** Half of the rows vary `times` as much as the others; what is predicted is always 5. */
function lesson(times: number) {
  const random = createRandom(3)
  const loud = Float32Array.from({ length: n }, (_, i) => i % 2)
  const actual = Float64Array.from({ length: n }, (_, i) => 5 + (loud[i] === 1 ? times : 1) * random.normal())
  const its: IntervalLesson = {
    of: 'contents with known views_7d',
    design: { values: loud, width: 1 },
    train,
    residuals: actual.map((value, i) => (i < train.length ? value - 5 : Number.NaN)),
    ...validation(Float64Array.from(valid, (row) => actual[row]!)),
    alpha: 0.2,
  }
  return { its, actual }
}

describe('learnIntervals', () => {
  it('covers quiet and loud rows alike, on later rows', () => {
    const { its, actual } = lesson(6)
    const { sigma, offsets, uniform } = learnIntervals(its)
    const shareWithin = (kind: number, width: Float64Array, by: typeof offsets): number => {
      const rows = test.filter((row) => row % 2 === kind)
      const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!)
      const { lower, upper } = intervalEnds(new Float64Array(rows.length).fill(5), pick(width), () => by)
      return coverage(lower, upper, pick(actual))
    }
    for (const kind of [0, 1]) {
      expect(shareWithin(kind, sigma, offsets)).toBeGreaterThan(0.75)
      expect(shareWithin(kind, sigma, offsets)).toBeLessThan(0.85)
    }
    // One width for both is too wide for the quiet and too narrow for the loud.
    const ones = new Float64Array(n).fill(1)
    expect(shareWithin(0, ones, uniform)).toBeGreaterThan(0.95)
    expect(shareWithin(1, ones, uniform)).toBeLessThan(0.7)
  })

  it('keeps one width where the validation part does not ask for more', () => {
    const { its } = lesson(6)
    const random = createRandom(9)
    // Loud in training, but no longer in validation.
    const alike = Float64Array.from(valid, () => 5 + random.normal())
    const { spread, sigma, offsets, uniform } = learnIntervals({ ...its, ...validation(alike) })
    expect(spread).toBeUndefined()
    expect(new Set(sigma)).toEqual(new Set([1]))
    expect(offsets).toEqual(uniform)
  })

  it('says of what there is too little for the promise', () => {
    const { its } = lesson(2)
    const few = validation(Float64Array.of(4, 5, 6, 4, 5), valid.subarray(0, 5))
    expect(() => learnIntervals({ ...its, ...few })).toThrow(/few contents with known views_7d/)
  })
})
