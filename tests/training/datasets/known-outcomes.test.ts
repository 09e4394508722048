import { describe, expect, it } from 'vitest'
import {
  describeKnown,
  hideUnknown,
  knownFrom,
  knownRows,
  requireKnown,
} from '../../../training/datasets/known-outcomes.ts'
import { splitByTime } from '../../../training/datasets/time-split.ts'
import { creatorMean } from '../../../training/estimators/creator-history.ts'

const day = 86_400
const days = (...numbers: number[]) => Float64Array.from(numbers, (n) => n * day)
const none = Number.NaN

/** Validation from day 10, test from day 20: two training contents, then three validation contents, then one for the test. */
const publishedAt = days(1.5, 4, 11, 12, 13.9, 20)
const split = splitByTime(publishedAt, { validFrom: '1970-01-11', testFrom: '1970-01-21' }, 1, 'contents')
const values = Float64Array.of(1, 2, 3, 4, 5, 6)
const manyDays = { publishedAt, singleDay: false }

describe('knownFrom', () => {
  it('a count of n days, is known at the end of the n-th day after that of publication', () => {
    // day 1.5: the count covers days 1 to 8, and ends when day 9 begins
    expect([...knownFrom(manyDays, 'views_7d')].slice(0, 2)).toEqual([9 * day, 12 * day])
    expect([...knownFrom(manyDays, 'likes_1d')].slice(0, 2)).toEqual([3 * day, 6 * day])
    expect(knownFrom(manyDays, 'reactions_28d')[0]).toBe(30 * day)
  })

  it('where all counts stand on one day, they are known at publication', () => {
    expect(knownFrom({ publishedAt, singleDay: true }, 'views_7d')).toEqual(publishedAt)
  })
})

describe('hideUnknown', () => {
  const { search, final } = hideUnknown(values, knownFrom(manyDays, 'views_7d'), split)

  it('in the search, a count that ends after its part is hidden', () => {
    // known from day 9 and 12 (validation begins on day 10), 19, 20 and 21 (the test begins on day 20: just in time, and too late)
    expect([...search]).toEqual([1, none, 3, 4, none, none])
  })

  it('for the last fit, a training count that ended within the validation part is there', () => {
    expect([...final]).toEqual([1, 2, 3, 4, none, none])
  })

  it('what became of test contents is never there, even when counts stand on the day of publication', () => {
    const single = hideUnknown(values, knownFrom({ publishedAt, singleDay: true }, 'views_7d'), split)
    expect([...single.search]).toEqual([1, 2, 3, 4, 5, none])
    expect([...single.final]).toEqual([1, 2, 3, 4, 5, none])
  })
})

describe('knownRows', () => {
  const of = (name: 'views_7d' | 'views_1d') => hideUnknown(values, knownFrom(manyDays, name), split)

  it('of one outcome, are those whose count had ended', () => {
    const { train, valid, past } = knownRows(split, [of('views_7d')])
    expect([[...train], [...valid], [...past]]).toEqual([[0], [2, 3], [0, 1, 2, 3]])
  })

  it('of several, are those of which any had ended', () => {
    const { train, valid, past } = knownRows(split, [of('views_7d'), of('views_1d')])
    expect([[...train], [...valid], [...past]]).toEqual([
      [0, 1],
      [2, 3, 4],
      [0, 1, 2, 3, 4],
    ])
  })

  it('are told in words where they are not all', () => {
    const parts = ['train', 'valid', 'past'] as const
    expect(describeKnown('views_7d', split, knownRows(split, [of('views_7d')]), parts)).toBe(
      'an outcome is learned from only once it is known: views_7d of 1 of 2 training contents on 1970-01-11, of 2 of 3 validation contents on 1970-01-21, of 4 of 5 training and validation contents on 1970-01-21',
    )
    expect(describeKnown('views_1d', split, knownRows(split, [of('views_1d')]), parts)).toBeUndefined()
  })

  it('too few in a part, says which, when and what to do', () => {
    const rows = knownRows(split, [of('views_7d')])
    expect(() => requireKnown('views_7d', split, rows, ['train', 'valid'], 2)).toThrow(
      expect.objectContaining({
        code: 'DATA_INSUFFICIENT',
        message: expect.stringContaining(
          'Of 2 contents in the training part 1 had their views_7d known when it ended, on 1970-01-11',
        ),
      }),
    )
    expect(() => requireKnown('views_7d', split, rows, ['past'], 4)).not.toThrow()
  })
})

describe('creatorMean with what was known', () => {
  it('does not look into the future of the content it is asked for', () => {
    // Asked on day 20: the count of day 12 is known on day 20, that of day 13.9 on day 21. (1 + 2 + 3 + 4)/4 = 2.5
    const creators = publishedAt.length
    const means = creatorMean(new Array(creators).fill('a'), publishedAt, values, knownFrom(manyDays, 'views_7d'), 60)
    expect(means[5]).toBe(2.5)
  })
})
