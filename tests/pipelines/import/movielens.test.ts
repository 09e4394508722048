import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importMovielens } from '../../../pipelines/import/movielens.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'

let world: ImportWorld
beforeEach(async () => {
  world = await createImportWorld()
})
afterEach(() => world.remove())

async function atomic(inter: string): Promise<string> {
  await world.file('ml/ml-100k.inter', inter)
  await world.file(
    'ml/ml-100k.item',
    "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n1\tToy Story\t1995\tAnimation Children's\n2\tGoldenEye\t\t\n",
  )
  await world.file(
    'ml/ml-100k.user',
    'user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n7\t24\tM\tx\t1\n8\t17\tF\tx\t1\n',
  )
  return `${world.folder}/ml`
}

const header = 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n'

describe('importMovielens', () => {
  it("RecBole's atomic files, ratings of one second, keep the order of the file", async () => {
    const folder = await atomic(`${header}7\t2\t3\t881250949\n7\t1\t4\t881250949\n8\t2\t5\t881250000\n`)
    const report = await importMovielens(world.context, folder)
    expect(report).toMatchObject({ read: 7, written: 7, unchanged: 0, rejected: 0 })
    const events = await world.rows(
      'select content_id, value, occurred_at from fct_interactions order by occurred_at, event_id',
    )
    expect(events).toEqual([
      { content_id: '2', value: 5, occurred_at: 881250000 },
      { content_id: '2', value: 3, occurred_at: 881250949 },
      { content_id: '1', value: 4, occurred_at: 881250949 },
    ])
    expect(await world.rows('select * from dim_content order by content_id')).toMatchObject([
      // 1995-01-01 is 9,131 days after 1970-01-01
      {
        content_id: '1',
        title: 'Toy Story',
        category: 'Animation',
        tags: "Animation|Children's",
        published_at: 9131 * 86400,
      },
      { content_id: '2', title: 'GoldenEye', category: null, tags: null, published_at: null },
    ])
    expect(await world.rows('select user_id, age_band, gender from dim_user order by user_id')).toEqual([
      { user_id: '7', age_band: '18-24', gender: 'male' },
      { user_id: '8', age_band: 'under-18', gender: 'female' },
    ])
  })

  it('the same files, a second time, change nothing', async () => {
    const folder = await atomic(`${header}7\t2\t3\t881250949\n`)
    await importMovielens(world.context, folder)
    expect(await importMovielens(world.context, folder)).toMatchObject({ written: 0, unchanged: 5, rejected: 0 })
  })

  it('broken ratings, among good ones, go to the rejects with line and reason', async () => {
    const folder = await atomic(
      `${header}7\t2\t3\t881250949\n7\t1\tfour\t881250950\n\n7\t1\n7\t1\t4\t2020-01-01\n8\t1\t4\t5\tx\n8\t1\t4\t99\n`,
    )
    const report = await importMovielens(world.context, folder)
    expect(report).toMatchObject({ rejected: 4 })
    const rejects = await world.rejects(report)
    expect(rejects.map((line) => line.split(',').slice(0, 2).join(','))).toEqual([
      'ml-100k.inter,3',
      'ml-100k.inter,5',
      'ml-100k.inter,6',
      'ml-100k.inter,7',
    ])
    expect(rejects[0]).toContain('expected a rating in stars; got four')
    expect(await world.rows('select count(*) as n from fct_interactions')).toEqual([{ n: 2 }])
  })

  it('a header without a needed column changes nothing', async () => {
    const folder = await atomic('user_id:token\titem_id:token\trating:float\n1\t2\t3\n')
    await expect(importMovielens(world.context, folder)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('missing: timestamp'),
    })
    expect(existsSync(world.warehouse)).toBe(false)
  })

  it("GroupLens' ml-100k, in Latin-1, keeps accents and reads the genre columns", async () => {
    await world.file('u/u.data', '196\t242\t3\t881250949\n')
    // genre flags: unknown, Action, Adventure, Animation, Children's, …; here Action and War (the 18th)
    const flags = Array.from({ length: 19 }, (_, i) => (i === 1 || i === 17 ? '1' : '0')).join('|')
    await world.file('u/u.item', Buffer.from(`242|Les Misérables (1995)|04-Feb-1995||http://x|${flags}\n`, 'latin1'))
    await world.file('u/u.user', '196|55|F|writer|00000\n')
    await importMovielens(world.context, `${world.folder}/u`)
    expect(await world.rows('select title, tags, category, published_at from dim_content')).toEqual([
      // 4 February 1995 is 9,131 + 31 + 3 days after 1970-01-01
      { title: 'Les Misérables (1995)', tags: 'Action|War', category: 'Action', published_at: 9165 * 86400 },
    ])
    expect(await world.rows('select age_band from dim_user')).toEqual([{ age_band: '55+' }])
  })

  it("GroupLens' ml-1m, with double colons, is read; a rated film without a row gets a bare one", async () => {
    await world.file('m/ratings.dat', '1::1193::5::978300760\n1::9::4::978300761\n')
    await world.file('m/movies.dat', '1193::One Flew: Over (1975)::Drama|Sci-Fi\n')
    await world.file('m/users.dat', '1::F::1::10::48067\n')
    await importMovielens(world.context, `${world.folder}/m`)
    expect(await world.rows('select content_id, title, tags from dim_content order by 1')).toEqual([
      { content_id: '1193', title: 'One Flew: Over (1975)', tags: 'Drama|Sci-Fi' },
      { content_id: '9', title: null, tags: null },
    ])
    expect(await world.rows('select * from dim_user')).toMatchObject([{ age_band: 'under-18', gender: 'female' }])
  })

  it("GroupLens' ml-latest, as CSV with quotes, is read without a users file", async () => {
    await world.file('ml-latest-small/ratings.csv', 'userId,movieId,rating,timestamp\r\n1,11,4.5,964982703\r\n')
    await world.file(
      'ml-latest-small/movies.csv',
      'movieId,title,genres\n11,"American President, The ""x"" (1995)",(no genres listed)\n12,Tomorrow (9999),Drama\n',
    )
    await importMovielens(world.context, `${world.folder}/ml-latest-small`)
    expect(await world.rows('select event_id, value from fct_interactions')).toEqual([
      { event_id: 'ml-latest-small-000000001', value: 4.5 },
    ])
    // 1995-01-01 is 788,918,400
    expect(await world.rows('select title, category, published_at from dim_content order by content_id')).toEqual([
      { title: 'American President, The "x" (1995)', category: null, published_at: 788918400 },
      { title: 'Tomorrow (9999)', category: 'Drama', published_at: null },
    ])
    expect(await world.rows('select user_id from dim_user')).toEqual([{ user_id: '1' }])
  })

  it('another MovieLens set, whose ids mean others, is refused', async () => {
    await importMovielens(world.context, await atomic(`${header}7\t2\t3\t881250949\n`))
    await world.file('m/ratings.dat', '1::1193::5::978300760\n')
    await expect(importMovielens(world.context, `${world.folder}/m`)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('already holds ml-100k'),
    })
    expect(await world.rows('select count(*) as n from fct_interactions')).toEqual([{ n: 1 }])
  })

  it.each(['nowhere', '.'])('a folder without MovieLens (%s) is told what is expected', async (name) => {
    await expect(importMovielens(world.context, `${world.folder}/${name}`)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })

  const real = resolve('../shared/data/ml-100k')
  it.skipIf(!existsSync(real))(
    `the real ml-100k${existsSync(real) ? '' : ' (skipped: ../shared/data/ml-100k is not here)'} arrives whole, ties in file order`,
    async () => {
      expect(await importMovielens(world.context, real)).toMatchObject({ read: 102_625, written: 102_625, rejected: 0 })
      const ties = await world.rows(
        `select count(*) as n from (select occurred_at, lag(occurred_at) over (partition by user_id order by occurred_at, event_id) as before from fct_interactions) where occurred_at = before`,
      )
      // facts: 51 % of the 99,057 steps between a user's neighbours tie
      expect(Number(ties[0]!.n) / 99_057).toBeCloseTo(0.51, 2)
    },
  )
})
