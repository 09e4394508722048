import { describe, expect, it } from 'vitest'
import { contentMoments } from '../../../training/datasets/content-moments.ts'
import { threeDrafts as drafts, firstViews as early } from '../../support/three-drafts.ts'

describe('contentMoments', () => {
  it('tells rows of both moments, content by content', () => {
    const { rows, moments, contentOf, momentOf, earlyColumns } = contentMoments(drafts, early)
    expect([...rows(Int32Array.of(0, 2))]).toEqual([0, 3, 2, 5])
    expect(moments.map(({ name, rows: its }) => [name, ...its(Int32Array.of(1))])).toEqual([
      ['before publication', 1],
      ['after the first day', 4],
    ])
    expect([contentOf(5), momentOf(5), contentOf(2), momentOf(2)]).toEqual([2, 1, 2, 0])
    expect(earlyColumns).toEqual([1])
  })
})
