import { describe, expect, it } from 'vitest'
import { describeSplit, splitByTime } from '../../../training/datasets/time-split.ts'

const day = 86_400
const days = (...numbers: number[]) => Float64Array.from(numbers, (n) => n * day)

describe('splitByTime', () => {
  it('cuts at 70 % and 85 % of the examples, never within one moment', () => {
    // 20 examples, the 14th to 16th at one moment: the cut falls before them
    const at = days(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 14, 14, 16, 17, 18, 19)
    const { train, valid, test } = splitByTime(at, {}, 1, 'contents')
    expect([train.length, valid.length, test.length]).toEqual([13, 4, 3])
    expect(at[train.at(-1)!]).toBeLessThan(at[valid[0]!]!)
    expect(at[valid.at(-1)!]).toBeLessThan(at[test[0]!]!)
  })
  it('takes given days, and leaves out what is later than until', () => {
    const split = splitByTime(
      days(0, 1, 2, 3, 4),
      { validFrom: '1970-01-02', testFrom: '1970-01-03', until: '1970-01-05' },
      1,
      'contents',
    )
    expect([...split.train, -1, ...split.valid, -1, ...split.test]).toEqual([0, -1, 1, -1, 2, 3])
    expect(describeSplit(split)).toContain('1 before 1970-01-02')
  })
  it('refuses days out of order', () => {
    expect(() => splitByTime(days(0, 1), { validFrom: '1970-01-03', testFrom: '1970-01-02' }, 0, 'contents')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
  it('says which part is too small, and what to do', () => {
    expect(() => splitByTime(days(0, 1, 2), {}, 5, 'contents')).toThrow(
      expect.objectContaining({ code: 'DATA_INSUFFICIENT', message: expect.stringContaining('training part has') }),
    )
  })
})
