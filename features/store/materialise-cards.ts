import { isPositive } from '../definitions/sql-fragments.ts'
import type { MartSource } from '../sources/mart-source.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { contentBlockKey, creatorBlockKey } from './online-keys.ts'
import { encodeJson } from './online-meta.ts'
import type { ContentCard, CreatorCard } from './online-store.ts'

/** Cards of one value: few enough for a small read, enough to need few reads. */
const blockSize = 1000

/** `$1` = the moment trending is measured at. */
export const contentCardsSql = `with trending as (
  select e.content_id,
    sum(power(cast(0.5 as double precision),
      cast(extract(epoch from cast($1 as timestamp)) - extract(epoch from e.occurred_at) as double precision) / (2 * 86400.0))) as score
  from fct_interactions e
  where e.occurred_at < cast($1 as timestamp) and e.occurred_at >= cast($1 as timestamp) - interval '7 days' and ${isPositive('e')}
  group by e.content_id
),
names as (
  select creator_id, max(name) as name from dim_creator group by creator_id
)
select c.content_id, coalesce(c.title, '') as title, coalesce(c.creator_id, '') as creator_id, coalesce(n.name, '') as creator_name,
  c.platform, coalesce(c.category, '') as category, coalesce(c.language, '') as language, c.duration_seconds,
  cast(extract(epoch from c.published_at) as double precision) as published_at, coalesce(t.score, 0) as trending_score
from dim_content c
left join trending t on t.content_id = c.content_id
left join names n on n.creator_id = c.creator_id
where c.published_at < cast($1 as timestamp) or c.published_at is null
order by c.content_id`

/**
 * When the last interaction happened that the trending scores count; NULL when there is none. `$1` = their moment, `$2` = now: a client
 * whose clock runs ahead must not make everything up to its moment pass for counted.
 */
export const factsUntilSql = `select cast(extract(epoch from max(e.occurred_at)) as double precision) as until
from fct_interactions e
where e.occurred_at < cast($1 as timestamp) and e.occurred_at <= cast($2 as timestamp)`

export const creatorCardsSql = `select d.creator_id, coalesce(max(d.name), '') as name, max(d.platform) as platform,
  coalesce(max(d.category), '') as category, coalesce(max(d.country), '') as country, max(coalesce(c.contents, 0)) as contents
from dim_creator d
left join (select creator_id, count(*) as contents from dim_content group by creator_id) c on c.creator_id = d.creator_id
group by d.creator_id
order by d.creator_id`

export interface WrittenCards {
  readonly count: number
  readonly blocks: number
}

/** @param asOf moment of the trending scores, seconds since 1970, UTC; contents published later are left out */
export async function materialiseContents(
  store: KeyValueStore,
  source: MartSource,
  version: string,
  asOf: number,
): Promise<WrittenCards> {
  const columns = {
    content_id: 'string',
    title: 'string',
    creator_id: 'string',
    creator_name: 'string',
    platform: 'string',
    category: 'string',
    language: 'string',
    duration_seconds: 'float64',
    published_at: 'float64',
    trending_score: 'float64',
  } as const
  async function* cards(): AsyncGenerator<ContentCard, void, undefined> {
    for await (const { rowCount, columns: c } of source.read(contentCardsSql, columns, [new Date(asOf * 1000)])) {
      for (let i = 0; i < rowCount; i++) {
        const [duration, published] = [c.duration_seconds[i]!, c.published_at[i]!]
        yield {
          contentId: c.content_id[i]!,
          title: c.title[i]!,
          creatorId: c.creator_id[i]!,
          creatorName: c.creator_name[i]!,
          platform: c.platform[i]!,
          category: c.category[i]!,
          language: c.language[i]!,
          durationSeconds: Number.isFinite(duration) ? duration : null,
          publishedAt: Number.isFinite(published) ? published : null,
          trendingScore: c.trending_score[i]!,
        }
      }
    }
  }
  return writeBlocks(store, cards(), (block) => contentBlockKey(version, block))
}

export async function materialiseCreators(
  store: KeyValueStore,
  source: MartSource,
  version: string,
): Promise<WrittenCards> {
  const columns = {
    creator_id: 'string',
    name: 'string',
    platform: 'string',
    category: 'string',
    country: 'string',
    contents: 'float64',
  } as const
  async function* cards(): AsyncGenerator<CreatorCard, void, undefined> {
    for await (const { rowCount, columns: c } of source.read(creatorCardsSql, columns)) {
      for (let i = 0; i < rowCount; i++) {
        yield {
          creatorId: c.creator_id[i]!,
          name: c.name[i]!,
          platform: c.platform[i]!,
          category: c.category[i]!,
          country: c.country[i]!,
          contentCount: c.contents[i]!,
        }
      }
    }
  }
  return writeBlocks(store, cards(), (block) => creatorBlockKey(version, block))
}

async function writeBlocks<T>(
  store: KeyValueStore,
  cards: AsyncIterable<T>,
  key: (block: number) => string,
): Promise<WrittenCards> {
  let count = 0
  let blocks = 0
  let pending: T[] = []
  const write = async (): Promise<void> => {
    await store.putMany([[key(blocks++), encodeJson(pending)]])
    pending = []
  }
  for await (const card of cards) {
    count++
    if (pending.push(card) === blockSize) await write()
  }
  if (pending.length > 0) await write()
  return { count, blocks }
}
