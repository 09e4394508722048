import { describe, expect, it } from 'vitest'
import { encode, fitVocabulary } from '../../../features/transforms/vocabulary.ts'

const column = ['b', 'a', '', 'c', 'a', 'b', 'a', '', '', '']

describe('fitVocabulary', () => {
  it('values of different frequency, come most frequent first after the unknown', () => {
    expect(fitVocabulary(column).values).toEqual(['', 'a', 'b', 'c'])
  })
  it('values below the minimum or beyond the size, are left out', () => {
    expect(fitVocabulary(column, 2).values).toEqual(['', 'a', 'b'])
    expect(fitVocabulary(column, 1, 1).values).toEqual(['', 'a'])
  })
  it('ties, come in code-unit order', () => {
    expect(fitVocabulary(['é', 'z', 'a']).values).toEqual(['', 'a', 'z', 'é'])
  })
})

describe('encode', () => {
  it('values that were never seen, become 0', () => {
    expect(encode(fitVocabulary(column), ['c', 'new', '', 'a'])).toEqual(Int32Array.of(3, 0, 0, 1))
  })
})
