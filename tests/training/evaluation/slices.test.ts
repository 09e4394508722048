import { describe, expect, it } from 'vitest'
import { rmse } from '../../../training/evaluation/regression.ts'
import { judgeSlices, judgeWhole, otherSlice, quarters } from '../../../training/evaluation/slices.ts'
import { wilsonInterval } from '../../../training/evaluation/wilson-interval.ts'

/** 60 of a, 40 of b, 5 of c, 4 of d; predictions are 1 too high in a, 2 too low elsewhere, the baseline is 3 off. */
const sliceOf = [60, 40, 5, 4].flatMap((count, i) => new Array<string>(count).fill('abcd'[i]!))
const actual = sliceOf.map((_, i) => i)
const examples = {
  actual,
  model: actual.map((value, i) => value + (sliceOf[i] === 'a' ? 1 : -2)),
  baseline: actual.map((value) => value + 3),
  covered: actual.map((_, i) => i % 2),
}

describe('judgeSlices', () => {
  const [letters] = judgeSlices([{ name: 'letter', sliceOf }], examples, rmse, 1)

  it('judges each slice by itself, the largest first, and small ones together', () => {
    expect(letters!.slices.map(({ name, count }) => [name, count])).toEqual([
      ['a', 60],
      ['b', 40],
      [otherSlice, 9],
    ])
    expect(letters!.slices.map(({ model }) => model.value)).toEqual([1, 2, 2])
    expect(letters!.slices.map(({ baseline }) => baseline)).toEqual([3, 3, 3])
  })

  it('tells which way the model errs, and how often the interval held', () => {
    for (const [i, bias] of [1, -2, -2].entries()) expect(letters!.slices[i]!.bias.value).toBeCloseTo(bias, 10)
    expect(letters!.slices[0]!.covered!.value).toBe(0.5)
  })

  it('keeps a given order, and leaves out what divides nothing', () => {
    const [ordered, ...more] = judgeSlices(
      [
        { name: 'letter', sliceOf, order: ['d', 'b', 'a'] },
        { name: 'all the same', sliceOf: sliceOf.map(() => 'x') },
      ],
      examples,
      rmse,
      1,
    )
    expect(ordered!.slices.map(({ name }) => name)).toEqual(['b', 'a', otherSlice])
    expect(more).toEqual([])
  })

  it('holds them against the whole', () => {
    const whole = judgeWhole(examples, rmse, 1)
    expect(whole.count).toBe(109)
    expect(whole.model.value).toBeCloseTo(Math.sqrt((60 + 49 * 4) / 109), 10)
  })
})

describe('quarters', () => {
  it('names each part by its ends, equal values together', () => {
    const { sliceOf: names, order } = quarters([1, 2, 3, 4, 5, 6, 7, 8], (least, most) => `${least}–${most}`)
    expect(order).toEqual(['1–2', '3–4', '5–6', '7–8'])
    expect(names).toEqual(['1–2', '1–2', '3–4', '3–4', '5–6', '5–6', '7–8', '7–8'])
    expect(quarters([0, 0, 0, 9], (least, most) => `${least}–${most}`).order).toEqual(['0–0', '9–9'])
  })
})

describe('wilsonInterval', () => {
  it('is that of the published example', () => {
    // 81 of 263: Newcombe 1998, table I: .2553 to .3662
    const { low, high } = wilsonInterval(81, 263)
    expect(low).toBeCloseTo(0.2553, 4)
    expect(high).toBeCloseTo(0.3662, 4)
    // 0 of 20: 0 to .1611
    expect(wilsonInterval(0, 20).high).toBeCloseTo(0.1611, 4)
  })
  it('has no value for no examples', () => {
    expect(wilsonInterval(0, 0)).toEqual({ value: Number.NaN, low: null, high: null })
  })
})
