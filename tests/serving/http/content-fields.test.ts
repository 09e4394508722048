import { describe, expect, it } from 'vitest'
import type { ContentCard } from '../../../features/store/online-store.ts'
import { shownContent } from '../../../serving/http/content-fields.ts'
import { catalogueOf } from '../../../serving/recommend/catalogue.ts'

const card: ContentCard = {
  contentId: 'a',
  title: '',
  creatorId: '',
  creatorName: '',
  platform: 'web',
  category: '',
  language: '',
  durationSeconds: null,
  publishedAt: null,
  trendingScore: 0,
}

describe('shownContent', () => {
  it('of a content of which little is known, says null and not a made-up value', () => {
    const catalogue = catalogueOf([card, { ...card, contentId: 'b', publishedAt: 0 }], [], {
      version: 'v',
      synthetic: false,
      asOf: 86_400,
    })
    const unknown = { creatorId: null, creatorName: null, title: null, category: null, publishedAt: null }
    expect(shownContent(catalogue, 0, 1)).toEqual({ contentId: 'a', platform: 'web', score: 1, ...unknown })
    // A film of 1970 has a time of publication, and is newer than one without.
    expect(shownContent(catalogue, 1, 1).publishedAt).toBe('1970-01-01T00:00:00.000Z')
    expect([...catalogue.newest]).toEqual([1, 0])
  })
})
