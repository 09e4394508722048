import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { momentOrSecondsSql } from '../../../pipelines/import/moment-sql.ts'

let database: DuckDbDatabase
beforeAll(async () => {
  database = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 256, threads: 1 })
})
afterAll(() => database.close())

/** All texts in one statement, in order: what one does to the next would show. */
async function read(texts: readonly string[]): Promise<unknown[]> {
  const values = texts.map((text, index) => `(${index}, '${text}')`).join(', ')
  const rows = await database.rows(
    `select cast(${momentOrSecondsSql('x')} as varchar) as moment from (values ${values}) as t(i, x) order by i`,
  )
  return rows.map((row) => row.moment)
}

describe('momentOrSecondsSql', () => {
  it.each([
    ['2024-06-01', '2024-06-01 00:00:00'],
    ['20240601', '2024-06-01 00:00:00'],
    ['2024-06-01T12:00', '2024-06-01 12:00:00'],
    [' 2024-06-01 12:00:00 ', '2024-06-01 12:00:00'],
    ['2024-06-01T12:00:00.25Z', '2024-06-01 12:00:00.25'],
    ['2024-06-01T12:00Z', '2024-06-01 12:00:00'],
    ['2024-06-01 12:00:00 UTC', '2024-06-01 12:00:00'],
    ['2024-06-01T12:00:00UTC', '2024-06-01 12:00:00'],
    ['2024-06-01T12:00:00+02', '2024-06-01 10:00:00'],
    ['2024-06-01T12:00:00-0230', '2024-06-01 14:30:00'],
    ['2024-06-01T12:00 +05:45', '2024-06-01 06:15:00'],
    // 1,717,243,200 = 2024-06-01T12:00:00Z
    ['1717243200', '2024-06-01 12:00:00'],
    ['1717243200.5', '2024-06-01 12:00:00.5'],
  ])('%s is %s', async (text, moment) => {
    expect(await read([text])).toEqual([moment])
  })

  it.each([
    '2024-06-01T12:00:00 America/New_York',
    '2024-06-01T12:00:00 EST',
    'epoch',
    'infinity',
    '-infinity',
    'now',
    '2024',
    '2024-06',
    '20240631',
    '2024-02-30',
    '2024-06-01T25:00:00',
    '2024-06-01T12:00:00+24:00',
    '12024-06-01',
    '2024-06-01 (BC)',
    '1717243200000',
    '-1717243200',
    '1e9',
  ])('%s is refused', async (text) => {
    expect(await read([text])).toEqual([null])
  })

  it("a zone's name between two times does not shift the second", async () => {
    const noon = '2024-06-01 12:00:00'
    expect(await read([noon, '2024-06-01T12:00:00 America/New_York', noon])).toEqual([noon, null, noon])
  })
})
