import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importYoutubeTrending } from '../../../pipelines/import/youtube-trending.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'

let world: ImportWorld
beforeEach(async () => {
  world = await createImportWorld()
})
afterEach(() => world.remove())

const header =
  'video_id,trending_date,channel_title,category_id,publish_time,views,likes,dislikes,comment_count,comments_disabled'
const day = (dd: string, views: number, likes = 0, id = 'vid-1', comments = 2, disabled = 'FALSE'): string =>
  `${id},17.${dd}.11,Chan/nel 🎬,10,2017-11-12T12:20:39.000Z,${views},${likes},0,${comments},${disabled}`
const csv = (...lines: string[]): string => `${header}\n${lines.join('\n')}\n`
const daily = () =>
  world.rows('select content_id, date, views, likes, comments from fct_content_daily order by content_id, date')

/** 14 November 2017 is 17,484 days after 1970-01-01. */
const nov14 = 17_484 * 86_400

describe('importYoutubeTrending', () => {
  it('counts since publication, over days, become increments that add up to the counts', async () => {
    const file = await world.file(
      'INvideos.csv',
      csv(day('14', 100, 10), day('15', 150, 12), day('17', 90, 15), day('18', 160, 15)),
    )
    const report = await importYoutubeTrending(world.context, [file])
    // 100; 150 − 100; a fall counts 0; 160 − 150, the highest seen
    expect(await daily()).toEqual([
      { content_id: 'vid-1', date: nov14, views: 100, likes: 10, comments: 2 },
      { content_id: 'vid-1', date: nov14 + 86_400, views: 50, likes: 2, comments: 0 },
      { content_id: 'vid-1', date: nov14 + 3 * 86_400, views: 0, likes: 3, comments: 0 },
      { content_id: 'vid-1', date: nov14 + 4 * 86_400, views: 10, likes: 0, comments: 0 },
    ])
    expect(report.notes).toContain('views went down 1 times from one day to the next; such a day has 0 new views')
    expect(await world.rows('select creator_id, name, country, category from dim_creator')).toEqual([
      { creator_id: 'Chan/nel 🎬', name: 'Chan/nel 🎬', country: 'IN', category: 'Music' },
    ])
  })

  it('the same file, again and after another, changes nothing', async () => {
    const india = await world.file('INvideos.csv', csv(day('14', 100), day('16', 160)))
    const france = await world.file('FRvideos.csv', csv(day('15', 130), day('16', 155), day('14', 7, 1, 'vid-2')))
    await importYoutubeTrending(world.context, [india])
    await importYoutubeTrending(world.context, [france])
    const before = await daily()
    // 100; 130 − 100; max(160, 155) − 130
    expect(before.map((row) => row.views)).toEqual([100, 30, 30, 7])
    expect(await importYoutubeTrending(world.context, [india])).toMatchObject({ written: 0 })
    expect(await importYoutubeTrending(world.context, [france, india])).toMatchObject({ written: 0 })
    expect(await daily()).toEqual(before)
  })

  it('titles and tags, in the form with text and broken quoting, are kept; a later file without them erases nothing', async () => {
    const text =
      'video_id,trending_date,title,channel_title,category_id,publish_time,tags,views,likes,comment_count,description'
    const line = `v,17.14.11,"A, ""b""\nc",C,99,2017-11-12T00:00:00.000Z,"x"|"y, z",1,1,1,"two\\nlines"`
    const us = await world.file(
      'USvideos.csv.gz',
      gzipSync(`${text}\n${line}\nw,17.14.11,T,C,24,2017-11-12T00:00:00.000Z,[none],1,1,1,\n`),
    )
    await importYoutubeTrending(world.context, [us])
    await importYoutubeTrending(world.context, [await world.file('INvideos.csv', csv(day('15', 5, 1, 'v')))])
    expect(await world.rows('select content_id, title, tags, category from dim_content order by 1')).toEqual([
      { content_id: 'v', title: 'A, "b"\nc', tags: 'x|y, z', category: 'Music' },
      { content_id: 'w', title: 'T', tags: null, category: 'Entertainment' },
    ])
  })

  it('spoilt ids, odd dates and bad counts go to the rejects with their line, also below multi-line fields', async () => {
    const text = 'video_id,trending_date,title,channel_title,category_id,publish_time,views,likes,comment_count'
    const good = 'a,17.14.11,"two\nlines",C,1,2017-11-12T00:00:00.000Z,1,1,1'
    const bad = [
      '#NAME?,17.14.11,t,C,1,2017-11-12T00:00:00.000Z,1,1,1',
      'b,2017-11-14,t,C,1,2017-11-12T00:00:00.000Z,1,1,1',
      'c,17.14.11,t,C,1,yesterday,1,1,1',
      'd,17.14.11,t,C,1,2017-11-12T00:00:00.000Z,-1,1,1',
    ]
    const file = await world.file('GBvideos.csv', `${text}\n${[good, ...bad, good].join('\n')}\n`)
    const report = await importYoutubeTrending(world.context, [file])
    expect(report).toMatchObject({ read: 6, rejected: 4 })
    expect(report.notes).toContain('GBvideos.csv: 1 rows repeat another exactly and were left out')
    // The good row spans lines 2 and 3.
    expect((await world.rejects(report)).map((line) => line.split(',')[1])).toEqual(['4', '5', '6', '7'])
  })

  it('bytes that are no UTF-8, in a title, are replaced and reported; disabled comments are null', async () => {
    const file = await world.file(
      'MXvideos.csv',
      Buffer.from(csv(day('14', 5, 1, 'v', 0, 'True')).replace('Chan', 'Ch\xe9'), 'latin1'),
    )
    const report = await importYoutubeTrending(world.context, [file])
    expect(report.rejected).toBe(0)
    expect(report.notes.join()).toContain('U+FFFD')
    expect(await daily()).toMatchObject([{ views: 5, comments: null }])
  })

  it('a file whose name says no country needs --country', async () => {
    const file = await world.file('list.csv', csv(day('14', 5)))
    await expect(importYoutubeTrending(world.context, [file])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(importYoutubeTrending(world.context, [file], { country: "D'E" })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('two capital letters'),
    })
    await importYoutubeTrending(world.context, [file], { country: 'DE' })
    expect(await world.rows('select country from dim_creator')).toEqual([{ country: 'DE' }])
  })

  const real = resolve('../shared/data/yt_trending_IN_2017_2018/INvideos.csv.gz')
  it.skipIf(!existsSync(real))(
    `the real Indian list${existsSync(real) ? '' : ' (skipped: ../shared/data is not here)'} gives the videos its description counts`,
    async () => {
      const report = await importYoutubeTrending(world.context, [real])
      expect(report.notes).toContain('INvideos.csv.gz: 4263 rows repeat another exactly and were left out')
      expect(report.notes.join()).toContain('views went down 33 times')
      expect(await world.rows('select count(*) as n from dim_content')).toEqual([{ n: 16_306 }])
    },
  )
})
