import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../training/backend/random.ts'
import type { ItemContent } from '../../../training/families/family.ts'
import { contentNumbers } from '../../../training/networks/content-numbers.ts'

const signal = new AbortController().signal
const content = (texts: string[]): ItemContent => ({ texts, categories: {}, numbers: {} })

describe('contentNumbers', () => {
  it('items with the same words: the same numbers; others: others; an item without content: zeros', async () => {
    const texts = ['red square', 'blue round', 'red square', '', 'blue round']
    const { rows, columns, values } = await contentNumbers(content(texts), 8, createRandom(1), signal)
    expect(rows).toBe(5)
    const row = (item: number): number[] => [...values.subarray(item * columns, (item + 1) * columns)]
    expect(row(2)).toEqual(row(0))
    expect(row(4)).toEqual(row(1))
    expect(row(1)).not.toEqual(row(0))
    expect(row(3).every((value) => value === 0)).toBe(true)
    // Two kinds of items are two dimensions, though eight were allowed; the mean square of the four that have content is 1.
    expect(columns).toBe(2)
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / (4 * columns)).toBeCloseTo(1, 5)
  })

  it('nothing is known of any item: no numbers', async () => {
    expect((await contentNumbers(content(['', 'alone']), 8, createRandom(1), signal)).columns).toBe(0)
  })
})
