import { describe, expect, it } from 'vitest'
import { ownPublications } from '../../../serving/predict/own-publications.ts'
import { catalogueOf } from '../../../serving/recommend/catalogue.ts'

const asOf = 1_773_230_400
const hour = 3600

const card = (contentId: string, creatorId: string, platform: string, publishedAt: number | null) => ({
  contentId,
  title: '',
  creatorId,
  creatorName: '',
  platform,
  category: '',
  language: '',
  durationSeconds: null,
  publishedAt,
  trendingScore: 0,
})

const catalogue = catalogueOf(
  [
    card('old', 'ann', 'youtube', asOf - 24 * hour - 1),
    card('new', 'ann', 'youtube', asOf - 24 * hour),
    card('newer', 'ann', 'tiktok', asOf - hour),
    card('other', 'bob', 'youtube', asOf - hour),
    card('undated', 'ann', 'youtube', null),
  ],
  [],
  { version: '1', synthetic: false, asOf },
)

describe('ownPublications', () => {
  it('those of the creator within the last day, on one platform or on any', () => {
    expect(ownPublications(catalogue, 'ann', 'youtube')).toEqual([asOf - 24 * hour])
    expect(ownPublications(catalogue, 'ann', undefined)).toEqual([asOf - 24 * hour, asOf - hour])
    expect(ownPublications(catalogue, 'nobody', undefined)).toEqual([])
  })
})
