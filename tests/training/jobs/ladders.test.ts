import { describe, expect, it } from 'vitest'
import { inOrder, laddersOf } from '../../../training/jobs/ladders.ts'

describe('laddersOf', () => {
  it('lets the day nearest to the headline’s stand on each ladder', () => {
    const names = ['views_7d', 'views_1d', 'views_3d', 'views_28d', 'likes_28d', 'likes_1d', 'completion_7d'] as const
    const { paths, sign } = laddersOf(names)
    expect(paths).toEqual([[0], [0, 2, 1], [0, 2], [0, 3], [4], [4, 5], [6]])
    expect([...sign]).toEqual([1, -1, -1, 1, 1, -1, 1])
  })

  it('knows no ladder of shares', () => {
    expect(laddersOf(['completion_7d', 'completion_28d']).paths).toEqual([[0], [1]])
  })
})

it('leaves the one that stands, and lets the others give way', () => {
  const ladders = laddersOf(['views_7d', 'views_1d', 'views_3d', 'views_14d', 'views_28d'])
  const values = [
    [4, 4],
    [3.5, 2],
    [5, 3],
    [3, 5],
    [3.5, 6],
  ].map((its) => Float64Array.from(its))
  const ordered = inOrder(values, ladders)
  expect(ordered.map((its) => its[0])).toEqual([4, 3.5, 4, 4, 4])
  expect(ordered.map((its) => its[1])).toEqual([4, 2, 3, 5, 6])
})
