import type { MartSource } from '../../features/sources/mart-source.ts'
import type { ItemContent } from '../families/family.ts'

/** What is known of every content; portable. */
export const itemContentSql = `
select c.content_id, c.title, c.description, c.tags, c.creator_id, c.platform, c.category, c.language,
  cast(c.duration_seconds as double precision) as duration_seconds,
  cast(extract(epoch from c.published_at) as double precision) as published_at
from dim_content c`

const categories = ['creator_id', 'platform', 'category', 'language'] as const
const daySeconds = 86_400

/**
 * Reads what the warehouse knows of items: title, description and tags as one text; creator, platform, category and language; length and day
 * of publication.
 *
 * @param itemIds the items to describe, in the order of their indices; one that has no row stays empty
 * @returns undefined where no item has a row
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 */
export async function readMartItemContent(
  source: MartSource,
  itemIds: readonly string[],
): Promise<ItemContent | undefined> {
  const indexOf = new Map(itemIds.map((id, index) => [id, index]))
  const texts = itemIds.map(() => '')
  const named = Object.fromEntries(categories.map((name) => [name, itemIds.map(() => '')]))
  const duration = new Float32Array(itemIds.length).fill(Number.NaN)
  const publishedDay = duration.slice()
  let described = 0
  const batches = source.read(itemContentSql, {
    content_id: 'string',
    title: 'string',
    description: 'string',
    tags: 'string',
    creator_id: 'string',
    platform: 'string',
    category: 'string',
    language: 'string',
    duration_seconds: 'float64',
    published_at: 'float64',
  })
  for await (const { rowCount, columns } of batches) {
    for (let row = 0; row < rowCount; row++) {
      const item = indexOf.get(columns.content_id[row]!)
      if (item === undefined) continue
      described++
      const parts = [columns.title[row]!, columns.description[row]!, columns.tags[row]!.replaceAll('|', ' ')]
      texts[item] = parts.filter((part) => part !== '').join(' ')
      for (const name of categories) named[name]![item] = columns[name][row]!
      duration[item] = columns.duration_seconds[row]!
      publishedDay[item] = columns.published_at[row]! / daySeconds
    }
  }
  return described === 0 ? undefined : { texts, categories: named, numbers: { duration, publishedDay } }
}
