import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importInfluencers } from '../../../pipelines/import/influencers.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'

let world: ImportWorld
beforeEach(async () => {
  world = await createImportWorld()
})
afterEach(() => world.remove())

const header =
  'platform,author_id,created_utc,n_chars,n_words,n_hashtags,n_mentions,has_url,is_reply,is_retweet,is_quote,likes,replies_or_comments,retweets,quotes,hashtags'
const post = (author: string, created: string, likes: string, retweets = '', quotes = '', tags = ''): string =>
  `instagram,${author},${created},1,1,0,0,0,0,0,0,${likes},3,${retweets},${quotes},${tags}`

describe('importInfluencers', () => {
  it('posts, two in one second, become contents with stable ids, counts on the day of publication', async () => {
    const file = await world.file(
      'posts.csv',
      `${header}\n${post('131', '2020-01-01 23:59:59', '10', '2', '1', 'covid19 rodaviva')}\n${post('131', '2020-01-01 23:59:59', '20.0')}\n`,
    )
    expect(await importInfluencers(world.context, [file])).toMatchObject({ read: 2, written: 5, rejected: 0 })
    expect(await importInfluencers(world.context, [file])).toMatchObject({ written: 0, unchanged: 5 })
    // 2020-01-01T00:00Z is 1,577,836,800
    expect(await world.rows('select content_id, creator_id, tags, title from dim_content order by 1')).toEqual([
      { content_id: 'instagram-131-1577923199', creator_id: 'instagram-131', tags: 'covid19|rodaviva', title: null },
      { content_id: 'instagram-131-1577923199-2', creator_id: 'instagram-131', tags: null, title: null },
    ])
    expect(
      await world.rows('select date, likes, comments, shares, views from fct_content_daily order by content_id'),
    ).toEqual([
      { date: 1577836800, likes: 10, comments: 3, shares: 3, views: null },
      { date: 1577836800, likes: 20, comments: 3, shares: null, views: null },
    ])
  })

  it('a post without author, with a bad time or count, goes to the rejects', async () => {
    const file = await world.file(
      'posts.csv',
      `${header}\n${post('', '2020-01-01 00:00:00', '1')}\n${post('1', 'soon', '1')}\n${post('1', '2020-01-01 00:00:00', '-4')}\n${post('1', '2020-01-01 00:00:00', 'many')}\n`,
    )
    const report = await importInfluencers(world.context, [file])
    expect(report).toMatchObject({ read: 4, written: 0, rejected: 4 })
  })
})
