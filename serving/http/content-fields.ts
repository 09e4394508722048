import type { Catalogue } from '../recommend/catalogue.ts'

/** A content as answers show it; see `contentFields`. */
export function shownContent(catalogue: Catalogue, index: number, score: number) {
  const card = catalogue.cards[index]!
  return {
    contentId: card.contentId,
    title: card.title,
    creatorId: card.creatorId,
    creatorName: card.creatorName,
    platform: card.platform,
    category: card.category,
    publishedAt: new Date(card.publishedAt * 1000).toISOString(),
    score: rounded(score),
  }
}

/** Six digits are more than any score means, and keep answers short. */
export const rounded = (value: number): number => Number(value.toPrecision(6))
