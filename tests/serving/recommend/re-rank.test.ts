import { describe, expect, it } from 'vitest'
import type { ContentCard } from '../../../features/store/online-store.ts'
import { catalogueOf } from '../../../serving/recommend/catalogue.ts'
import { reRank } from '../../../serving/recommend/re-rank.ts'

const day = 86_400
const now = 100 * day

function catalogue(cards: readonly Partial<ContentCard>[]) {
  const all = cards.map((card, i) => ({
    contentId: `c${i}`,
    title: '',
    creatorId: `creator-${i}`,
    creatorName: '',
    platform: '',
    category: `category-${i}`,
    language: '',
    durationSeconds: null,
    publishedAt: 0,
    trendingScore: 0,
    ...card,
  }))
  return catalogueOf(all, [], { version: 'v', synthetic: false, asOf: now })
}

const everything = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i)

describe('reRank', () => {
  it('keeps the order of the scores when nothing else differs', () => {
    expect(reRank(everything(3), Float32Array.of(1, 3, 2), 2, catalogue([{}, {}, {}]), now)).toEqual([1, 2])
  })

  it('lets at most two of ten be of one creator while there are others', () => {
    const cards = Array.from({ length: 20 }, (_, i) => (i < 10 ? { creatorId: 'same' } : {}))
    const scores = Float32Array.from({ length: 20 }, (_, i) => (i < 10 ? 9 : 1))
    const chosen = reRank(everything(20), scores, 10, catalogue(cards), now)
    expect(chosen.filter((i) => i < 10)).toEqual([0, 1])
    expect(chosen).toHaveLength(10)
  })

  it('fills the list from one creator when there is nobody else', () => {
    const cards = Array.from({ length: 5 }, () => ({ creatorId: 'same' }))
    expect(reRank(everything(5), Float32Array.of(5, 4, 3, 2, 1), 5, catalogue(cards), now)).toEqual([0, 1, 2, 3, 4])
  })

  it('does not take contents without a creator for alike', () => {
    const cards = Array.from({ length: 4 }, () => ({ creatorId: '', category: '' }))
    expect(reRank(everything(4), Float32Array.of(4, 3, 2, 1), 4, catalogue(cards), now)).toEqual([0, 1, 2, 3])
  })

  it('prefers the newer of two that score alike', () => {
    const cards = [{ publishedAt: now - 60 * day }, { publishedAt: now - day }]
    expect(reRank(everything(2), Float32Array.of(1, 1), 1, catalogue(cards), now)).toEqual([1])
  })
})
