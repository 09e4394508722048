import { describe, expect, it } from 'vitest'
import { differences, readmeExamples } from './support/readme-examples.ts'

describe('readmeExamples', () => {
  it('finds the curls of the README with their answers', () => {
    const examples = readmeExamples()
    expect(examples.length).toBeGreaterThanOrEqual(6)
    expect(examples.some((example) => example.method === 'POST')).toBe(true)
  })
})

describe('differences', () => {
  it('sees a missing key, a surplus key and another type', () => {
    expect(differences({ a: 1, b: 'x' }, { a: 'one', c: 2 })).toEqual([
      '.b: printed, but not there',
      '.c: not printed',
      '.a: printed a number, got a string',
    ])
  })

  it('lets values differ that no request fixes, and no others', () => {
    expect(differences({ score: 1, userId: 'user-1' }, { score: 2, userId: 'user-1' })).toEqual([])
    expect(differences({ userId: 'user-1' }, { userId: 'user-2' })).toEqual(['.userId: printed user-1, got user-2'])
  })

  it('takes an ellipsis for anything left out', () => {
    expect(differences({ a: 1, '…': '…' }, { a: 2, b: 3 })).toEqual([])
    expect(differences([1, '…'], [5, 6, 7])).toEqual([])
    expect(differences([1, 2], [5])).toEqual([': printed 2 elements, got 1'])
  })

  it('sees a fallback that was not printed', () => {
    expect(differences({ fallback: null }, { fallback: { reason: 'model-missing' } })).toHaveLength(1)
  })
})
