import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { importTable } from '../../../pipelines/import/table-file.ts'
import { createImportWorld, type ImportWorld } from '../../support/import-world.ts'

let world: ImportWorld
beforeEach(async () => {
  world = await createImportWorld()
})
afterEach(() => world.remove())

const header = 'event_id,visitor,content_id,platform,event_type,time,completion,line'
const map = ['user_id=visitor', 'occurred_at=time']
const events = () =>
  world.rows('select event_id, user_id, occurred_at, completion from fct_interactions order by event_id')

async function parquet(select: string): Promise<string> {
  const path = await world.file('rows.parquet', '')
  const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 256, threads: 1 })
  await database.run(`copy (${select}) to '${path}' (format parquet)`)
  await database.close()
  return path
}

describe('importTable', () => {
  it('a gzip CSV with other names, quotes and both kinds of time, is read by the map', async () => {
    const text = `\ufeff${header}\r\n"e,1",a/b,c,web,view,2026-03-01T10:00:00+02:00,0.5,x\r\ne2,"🎬 ""q""; drop table dim_user; --",c,web,view,1772352000.5,,\r\n`
    const file = await world.file('rows.csv.gz', gzipSync(text))
    expect(await importTable(world.context, 'csv', 'fct_interactions', file, { map })).toMatchObject({
      written: 2,
      rejected: 0,
    })
    // 2026-03-01T08:00Z is 1,772,352,000
    expect(await events()).toEqual([
      { event_id: 'e,1', user_id: 'a/b', occurred_at: 1772352000, completion: 0.5 },
      { event_id: 'e2', user_id: '🎬 "q"; drop table dim_user; --', occurred_at: 1772352000.5, completion: null },
    ])
    expect(await importTable(world.context, 'csv', 'fct_interactions', file, { map })).toMatchObject({
      written: 0,
      unchanged: 2,
    })
  })

  it("a time with a zone's name, among others, goes to the rejects and shifts none", async () => {
    const time = (id: string, text: string): string => `${id},u,c,web,view,${text},,`
    const noon = '2024-06-01 12:00:00'
    const rows = [time('z1', noon), time('z2', '2024-06-01T12:00:00 America/New_York'), time('z3', noon)]
    const file = await world.file('rows.csv', `${header}\n${rows.join('\n')}\n`)
    expect(await importTable(world.context, 'csv', 'fct_interactions', file, { map })).toMatchObject({ rejected: 1 })
    // 2024-06-01T12:00Z is 1,717,243,200
    expect(await events()).toMatchObject([
      { event_id: 'z1', occurred_at: 1717243200 },
      { event_id: 'z3', occurred_at: 1717243200 },
    ])
  })

  it.each([
    ['csv', 'visitor,page,time\nu,c,2026-03-01\nu,c,2026-03-02\nu,c,2026-03-02\n'],
    [
      'ndjson',
      '2026-03-01 2026-03-02 2026-03-02'
        .replace(/\S+/g, (time) => JSON.stringify({ visitor: 'u', page: 'c', time }))
        .replaceAll('} {', '}\n{'),
    ],
  ] as const)(
    'a %s without event ids, gets the same ones again, and its repeats are rejected',
    async (format, text) => {
      const columns = {
        map: ['user_id=visitor', 'content_id=page', 'occurred_at=time'],
        set: ['platform=web', 'event_type=view'],
      }
      const file = await world.file(`clicks.${format}`, text)
      const first = await importTable(world.context, format, 'fct_interactions', file, columns)
      expect(first).toMatchObject({ written: 2, rejected: 1 })
      expect(first.notes.join()).toMatch(/no event_id is given/)
      expect(await world.rows('select distinct user_id, platform, event_type from fct_interactions')).toEqual([
        { user_id: 'u', platform: 'web', event_type: 'view' },
      ])
      expect(await importTable(world.context, format, 'fct_interactions', file, columns)).toMatchObject({
        written: 0,
        unchanged: 2,
      })
    },
  )

  it.each([
    [{ set: ['event_type=wink'] }, 'fct_interactions', 'visitor', 'expected columns'],
    [{ set: ['colour=red'] }, 'dim_user', 'user_id', 'Expected --set column=value with a column of dim_user'],
    [
      { set: ['country=IN'], map: ['country=land'] },
      'dim_user',
      'user_id',
      'Expected country by --map or by --set; got both',
    ],
    [{}, 'dim_user', 'country', 'missing: user_id'],
  ])('with the columns %j of %s, says what is wrong', async (columns, mart, header, message) => {
    const file = await world.file('some.csv', `${header}\nx\n`)
    await expect(importTable(world.context, 'csv', mart, file, columns)).rejects.toThrow(message)
  })

  it('a changed row is updated, and a column the file does not have keeps its value', async () => {
    const first = await world.file('a.csv', 'user_id,country,consent_personalization\nu,IN,true\nv,FR,false\n')
    const second = await world.file('b.csv', 'user_id,device,consent_personalization\nu,tv,false\n')
    await importTable(world.context, 'csv', 'dim_user', first, {})
    expect(await importTable(world.context, 'csv', 'dim_user', second, {})).toMatchObject({ written: 1 })
    expect(
      await world.rows('select user_id, country, device, consent_personalization as c from dim_user order by 1'),
    ).toEqual([
      { user_id: 'u', country: 'IN', device: 'tv', c: false },
      { user_id: 'v', country: 'FR', device: null, c: false },
    ])
  })

  it('rows that break types, ranges, lists, nulls, keys or width go to the rejects with line and reason', async () => {
    const bad = [
      'e2,u,c,web,view,soon,,', // line 3
      'e3,u,c,web,view,2026-03-01,1.5,',
      'e4,u,c,web,dance,2026-03-01,,',
      'e5,,c,web,view,2026-03-01,,',
      'e1,w,c,web,view,2026-03-01,,',
      'e7,u,c',
      'e8,u,c,web,view,2026-03-01,,,more', // line 9
      'e9,u,c,web,view,2026-03-01,nan,',
    ]
    const file = await world.file('rows.csv', `${header}\ne1,u,c,web,view,2026-03-01,1,\n${bad.join('\n')}\n`)
    const report = await importTable(world.context, 'csv', 'fct_interactions', file, { map })
    expect(report).toMatchObject({ read: 9, written: 1, rejected: 8 })
    const rejects = await world.rejects(report)
    expect(rejects.map((line) => line.split(',')[1])).toEqual(['3', '4', '5', '6', '7', '8', '9', '10'])
    expect(rejects[0]).toContain('or seconds since 1970; got soon')
    expect(rejects[1]).toContain('completion must be from 0 to 1; got 1.5')
    expect(rejects[2]).toContain('must be one of view, like')
    expect(rejects[3]).toContain('user_id must not be empty')
    expect(rejects[4]).toContain('is also on line 2')
    // The header has 8 fields, e7 has 3.
    expect(rejects[5]).toBe('rows.csv,8,expected 8 fields; got 3,"e7,u,c"')
    expect(rejects[6]).toContain('expected 8 fields; got more')
  })

  it('times that no fact can have go to the rejects, also from Parquet', async () => {
    const days = ['0001-01-01', '1969-12-31 23:59:59', '1970-01-01', '2100-01-01', '2100-01-01 00:00:01', '9999-12-31']
    const rows = days.map((day, i) => `e${i},u,c,web,view,${day},,`)
    const csv = await world.file('rows.csv', `${header}\n${rows.join('\n')}\n`)
    const report = await importTable(world.context, 'csv', 'fct_interactions', csv, { map })
    expect(report).toMatchObject({ written: 2, rejected: 4 })
    expect((await world.rejects(report))[0]).toContain('must be from 1970-01-01 to 2100-01-01; got 0001-01-01')
    const file = await parquet(
      `select 'u' as user_id, true as consent_personalization, unnest([timestamp 'infinity', timestamp '-infinity', timestamp '9999-12-31']) as signed_up_at`,
    )
    expect(await importTable(world.context, 'parquet', 'dim_user', file, {})).toMatchObject({ written: 0, rejected: 3 })
  })

  it.each([
    [
      'a missing column',
      'event_id,visitor\n1,2\n',
      map,
      'missing: content_id, platform, event_type, time (for occurred_at)',
    ],
    ['a repeated column', `${header},EVENT_ID\n`, map, 'repeated: EVENT_ID'],
    ['an empty file', '', map, 'missing: visitor (for user_id)'],
    ['an unknown column in the map', header, ['colour=red'], 'got colour=red'],
  ])('%s, in a CSV, changes nothing', async (_, text, mapping, message) => {
    const file = await world.file('rows.csv', text)
    await expect(importTable(world.context, 'csv', 'fct_interactions', file, { map: mapping })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(message),
    })
    expect(existsSync(world.warehouse)).toBe(false)
  })

  it.each([
    ['a mart that is none', 'fct_nothing', 'rows.csv'],
    ['a file that is not there', 'dim_user', 'nothing.csv'],
  ])('%s is told', async (_, mart, name) => {
    await expect(importTable(world.context, 'csv', mart, `${world.folder}/${name}`, {})).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })

  it('a gzip file that was cut off changes nothing', async () => {
    const whole = gzipSync(
      `user_id,consent_personalization\n${Array.from({ length: 5000 }, (_, i) => `${i * 7919},true`).join('\n')}`,
    )
    const file = await world.file('rows.csv.gz', whole.subarray(0, whole.length / 2))
    await expect(importTable(world.context, 'csv', 'dim_user', file, {})).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('unexpected end of file'),
    })
    expect(existsSync(world.warehouse)).toBe(false)
  })

  it('a Parquet file, with types of its own, is read', async () => {
    const file = await parquet(
      `select 1 as user_id, timestamptz '2026-03-01 08:00:00+00' as signed_up_at, true as consent_personalization`,
    )
    await importTable(world.context, 'parquet', 'dim_user', file, {})
    expect(await world.rows('select user_id, signed_up_at, consent_personalization as c from dim_user')).toEqual([
      { user_id: '1', signed_up_at: 1772352000, c: true },
    ])
  })

  it('a truncated Parquet file changes nothing and says so', async () => {
    const whole = await readFile(
      await parquet('select i as user_id, true as consent_personalization from range(1000) t(i)'),
    )
    const file = await world.file('cut.parquet', whole.subarray(0, whole.length - 40))
    await expect(importTable(world.context, 'parquet', 'dim_user', file, {})).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('whole Parquet file'),
    })
    expect(existsSync(world.warehouse)).toBe(false)
  })

  it('a Parquet column of a wrong type changes nothing and names both types', async () => {
    const file = await parquet(`select 'u' as user_id, [1, 2] as signed_up_at, true as consent_personalization`)
    await expect(importTable(world.context, 'parquet', 'dim_user', file, {})).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('expected signed_up_at as timestamp; its Parquet type is INTEGER[]'),
    })
  })

  it('NDJSON, with lines that are none, keeps the good ones', async () => {
    const file = await world.file(
      'rows.ndjson',
      '{"id":"a/b","consent_personalization":true}\n{"id":"c",\n[1]\n{"id":"d \\"q\\"","consent_personalization":false}\n',
    )
    const report = await importTable(world.context, 'ndjson', 'dim_user', file, { map: ['user_id=id'] })
    expect(report).toMatchObject({ read: 4, written: 2, rejected: 2 })
    expect(await world.rows('select user_id from dim_user order by 1')).toEqual([
      { user_id: 'a/b' },
      { user_id: 'd "q"' },
    ])
  })

  it('NDJSON with an object or a list where one value belongs, rejects the line and says which', async () => {
    const line = (id: unknown, country: unknown = 'IN'): string =>
      JSON.stringify({ 'the "id"': id, country, consent_personalization: true })
    const lines = [line({ x: 1 }), line(['a']), line('u', []), line(7)]
    const file = await world.file('rows.ndjson', `${lines.join('\n')}\n`)
    const report = await importTable(world.context, 'ndjson', 'dim_user', file, { map: ['user_id=the "id"'] })
    expect(report).toMatchObject({ read: 4, written: 1, rejected: 3 })
    const rejects = await world.rejects(report)
    expect(rejects[0]).toContain('expected user_id as one value; got {""x"":1}')
    expect(rejects[2]).toContain('expected country as one value; got []')
    expect(await world.rows('select user_id from dim_user')).toEqual([{ user_id: '7' }])
  })

  it.each([
    ['csv', (id: string) => `user_id,consent_personalization\n"${id}",true\n`],
    ['ndjson', (id: string) => JSON.stringify({ user_id: id, consent_personalization: true })],
  ] as const)('an id that the API would refuse, in %s, goes to the rejects', async (format, text) => {
    const longest = 'é'.repeat(256)
    for (const [index, id] of [longest, `${longest}é`, 'a\u0007b', 'a\u0000b', 'a\u007fb', 'a\nb'].entries()) {
      const file = await world.file(`${index}.${format}`, text(id))
      const report = await importTable(world.context, format, 'dim_user', file, {})
      expect(report).toMatchObject({ read: 1, rejected: id === longest ? 0 : 1 })
      expect((await world.rejects(report)).join('\n')).toContain(id === longest ? '' : 'at most 256 characters')
    }
  })

  it('NDJSON without a needed key changes nothing', async () => {
    const file = await world.file('rows.ndjson', '{"name":"a"}\n')
    await expect(importTable(world.context, 'ndjson', 'dim_user', file, {})).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('the key user_id'),
    })
    expect(existsSync(world.warehouse)).toBe(false)
  })

  it('bytes that are no UTF-8, in a CSV, are replaced and noted', async () => {
    const text = Buffer.from('user_id,consent_personalization\nJos\xe9,true\nJo\xe3o,true\n', 'latin1')
    const file = await world.file('rows.csv', text)
    const report = await importTable(world.context, 'csv', 'dim_user', file, {})
    expect(report).toMatchObject({ read: 2, written: 2 })
    expect(report.notes.join()).toContain('rows.csv: 2 characters are U+FFFD')
  })

  it('one single user makes a warehouse', async () => {
    const file = await world.file('rows.csv', 'user_id,consent_personalization\nonly,true')
    expect(await importTable(world.context, 'csv', 'dim_user', file, {})).toMatchObject({ read: 1, written: 1 })
  })
})
