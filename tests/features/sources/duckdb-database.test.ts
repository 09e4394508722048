import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { ensureMarts, readMeta, writeMeta } from '../../../features/sources/warehouse-tables.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contentflow-duckdb-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('DuckDbDatabase', () => {
  let database: DuckDbDatabase
  beforeEach(async () => {
    database = await DuckDbDatabase.open({ path: ':memory:', schema: 'marts', memoryMb: 256, threads: 1 })
  })
  afterEach(() => database.close())

  it('append, of more rows than a chunk holds, keeps values and order', async () => {
    const n = 5000
    await database.run('create temp table t (a double, b integer, c varchar)')
    await database.append('t', [
      Float64Array.from({ length: n }, (_, i) => i / 4),
      Int32Array.from({ length: n }, (_, i) => -i),
      Array.from({ length: n }, (_, i) => `🎬${i}`),
    ])
    expect(await database.rows('select count(*) as n, sum(a) as a, sum(b) as b, min(c) as c from t')).toEqual([
      // Σ i = 5000 · 4999 / 2 = 12,497,500
      { n, a: 12_497_500 / 4, b: -12_497_500, c: '🎬0' },
    ])
    expect(await database.rows('select a, c from t where b = -4999')).toEqual([{ a: 1249.75, c: '🎬4999' }])
  })

  it('a transaction whose body throws leaves nothing, and the next one works', async () => {
    await database.run('create table t (a integer)')
    const failing = database.transaction(async () => {
      await database.run('insert into t values (1)')
      await database.run('insert into t values (cast($1 as integer))', ['x'])
    })
    await expect(failing).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
    await database.transaction(() => database.run('insert into t values (2)'))
    expect(await database.rows('select a from t')).toEqual([{ a: 2 }])
  })

  it('all kinds of values, in a small result, become plain ones', async () => {
    expect(
      await database.rows(
        `select 100000000000000000000::hugeint as h, 1.25::decimal(9, 2) as d, date '1970-01-02' as day, timestamp '1970-01-01 00:00:01.5' as t, timestamptz '1970-01-01 01:00:00+01' as z, null as x, [1] as l`,
      ),
    ).toEqual([{ h: 1e20, d: 1.25, day: 86_400, t: 1.5, z: 0, x: null, l: '[1]' }])
  })

  it('a fact about the warehouse, written twice, is the last one; without the table there is none', async () => {
    expect(await readMeta(database, 'marts', 'synthetic')).toBeUndefined()
    await ensureMarts(database, 'marts')
    await writeMeta(database, 'synthetic', 'false')
    await writeMeta(database, 'synthetic', `it's`)
    expect(await readMeta(database, 'marts', 'synthetic')).toBe(`it's`)
    expect(await readMeta(database, 'marts', 'other')).toBeUndefined()
  })

  it('a reader of a closed file releases it, so that it can be opened again to write', async () => {
    const path = join(folder, 'w.duckdb')
    for (let i = 0; i < 3; i++) {
      const writer = await DuckDbDatabase.open({ path, schema: 'marts', memoryMb: 256, create: true })
      await writer.run('create or replace table t as select i from range(10000) r(i)')
      await writer.close()
      const reader = await DuckDbDatabase.open({ path, schema: 'marts', memoryMb: 256, readOnly: true })
      for await (const batch of reader.read('select i from t', { i: 'int32' } as const)) {
        expect(batch.columns.i[1]).toBe(1)
        break
      }
      await reader.close()
    }
  })

  it('too little memory is told with the setting that helps', async () => {
    const tight = await DuckDbDatabase.open({ path: ':memory:', memoryMb: 20, threads: 1 })
    await expect(tight.run(`select len(list(i)) from range(8000000) t(i)`)).rejects.toMatchObject({
      message: expect.stringContaining('DUCKDB_MEMORY_MB'),
    })
    await tight.close()
  })
})
