import { describe, expect, it } from 'vitest'
import { nGramsOf, wordsOf } from '../../../features/transforms/text-terms.ts'

describe('wordsOf', () => {
  it('splits at what is neither letter nor digit, in lower case', () => {
    expect(wordsOf('Star Trek: Generations (1994)')).toEqual(['star', 'trek', 'generations', '1994'])
  })
  it('takes letters of any script, and marks with them', () => {
    expect(wordsOf('Фильм — नमस्ते ÉTÉ')).toEqual(['фильм', 'नमस्ते', 'été'])
  })
  it('makes pairs where a script has no blanks', () => {
    expect(wordsOf('千と千尋 2')).toEqual(['千と', 'と千', '千尋', '2'])
  })
  it('finds nothing in nothing', () => {
    expect(wordsOf('')).toEqual([])
    expect(wordsOf('…!')).toEqual([])
  })
})

describe('nGramsOf', () => {
  it('slides over the marked word: <run, run>', () => {
    expect(nGramsOf('run')).toHaveLength(2)
    expect(nGramsOf('a')).toHaveLength(0)
  })
  it('is what two forms of a word share', () => {
    // <gene …  gene ener nera erat: the first five are common to generation and generate: <gen gene ener nera erat
    const shared = nGramsOf('generation').filter((bucket) => nGramsOf('generate').includes(bucket))
    expect(shared).toHaveLength(5)
  })
})
