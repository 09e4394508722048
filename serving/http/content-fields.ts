import { AppError } from '../../errors.ts'
import type { Catalogue } from '../recommend/catalogue.ts'

/** A content as answers show it, null for what is not known; see `contentFields`. */
export function shownContent(catalogue: Catalogue, index: number, score: number) {
  const card = catalogue.cards[index]!
  return {
    contentId: card.contentId,
    title: card.title || null,
    creatorId: card.creatorId || null,
    creatorName: card.creatorName || null,
    platform: card.platform,
    category: card.category || null,
    publishedAt: card.publishedAt === null ? null : new Date(card.publishedAt * 1000).toISOString(),
    score: rounded(score),
  }
}

/** Six digits are more than any score means, and keep answers short. */
export const rounded = (value: number): number => Number(value.toPrecision(6))

/** Index of a content in the catalogue. @throws AppError NOT_FOUND */
export function requireContent({ indexOf, cards }: Catalogue, contentId: string): number {
  const index = indexOf.get(contentId)
  if (index !== undefined) return index
  throw new AppError(
    'NOT_FOUND',
    `No content is called ${JSON.stringify(contentId)} among the ${cards.length} that were materialised. Look one up with GET /v1/trending.`,
  )
}
