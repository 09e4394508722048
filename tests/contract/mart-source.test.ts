import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { createPostgresWorld, hostileIds, type PostgresWorld, writeSmallWorld } from '../support/small-world.ts'

const duckdb = { memoryMb: 256, threads: 1 }
const url = process.env.TEST_POSTGRES_URL
const many = 'select a.n * 1000 + b.n as n from numbers as a, numbers as b'
const numbers = `with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < 999)`

let folder: string
let world: PostgresWorld | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contentflow-source-'))
  await writeSmallWorld(join(folder, 'w.duckdb'))
  if (url !== undefined) world = await createPostgresWorld(url)
})
afterAll(async () => {
  await world?.drop()
  await rm(folder, { recursive: true, force: true })
})

const backends = [
  {
    name: 'DuckDB',
    skip: false,
    open: () =>
      openMartSource({ warehouse: { kind: 'duckdb', path: join(folder, 'w.duckdb'), schema: 'marts' }, duckdb }),
  },
  {
    name: url === undefined ? 'PostgreSQL (skipped: TEST_POSTGRES_URL is not set)' : 'PostgreSQL',
    skip: url === undefined,
    open: () =>
      openMartSource({ warehouse: { kind: 'postgres', url: url!, schema: world!.schema, timeoutSeconds: 2 }, duckdb }),
  },
]

for (const backend of backends) {
  describe.skipIf(backend.skip)(`MartSource: ${backend.name}`, () => {
    let source: MartSource
    beforeAll(async () => {
      source = await backend.open()
    })
    afterAll(() => source?.close())

    it('read, of each type with nulls, gives typed columns and the promised stand-ins', async () => {
      const batches = []
      const sql =
        'select content_id, duration_seconds, cast(extract(epoch from published_at) as double precision), case when language is null then null else length(language) end, title is null from dim_content order by content_id'
      const columns = { id: 'string', seconds: 'float64', at: 'float64', length: 'int32', untitled: 'int32' } as const
      for await (const batch of source.read(sql, columns)) batches.push(batch)
      expect(batches).toHaveLength(1)
      const { rowCount, columns: got } = batches[0]!
      expect(rowCount).toBe(4)
      expect(got.id).toEqual(['content-1', 'content-2', 'content-3', hostileIds.content])
      expect(got.seconds).toEqual(Float64Array.of(60, 600.5, Number.NaN, 30))
      // 2026-03-01T00:00Z is 1,772,323,200; 4 March 23:59:59.999 is 4 days less a millisecond later
      expect(got.at[0]).toBe(1_772_323_200)
      expect(got.at[3]).toBeCloseTo(1_772_323_200 + 4 * 86_400 - 0.001, 6)
      expect(got.length).toEqual(Int32Array.of(2, 2, -1, 2))
      expect(got.untitled).toEqual(Int32Array.of(0, 0, 0, 0))
    })

    it('read, of a million rows, comes in batches and keeps the order', async () => {
      let rows = 0
      let batches = 0
      for await (const { rowCount, columns } of source.read(`${numbers} ${many} order by 1`, { n: 'int32' } as const)) {
        expect(columns.n[0]).toBe(rows)
        rows += rowCount
        batches++
      }
      expect(rows).toBe(1_000_000)
      expect(batches).toBeGreaterThan(50)
    })

    it('read, of nothing, gives no rows', async () => {
      let rows = 0
      for await (const batch of source.read('select user_id from dim_user where 1 = 0', { id: 'string' } as const))
        rows += batch.rowCount
      expect(rows).toBe(0)
    })

    it('a reader that stops early, again and again, leaves the source usable', async () => {
      // More often than there are connections.
      for (let i = 0; i < 6; i++) {
        for await (const batch of source.read(
          `${numbers} select n from numbers, (select 1 as m union all select 2) as twice`,
          { n: 'int32' } as const,
        )) {
          expect(batch.rowCount).toBeGreaterThan(0)
          break
        }
      }
      expect(await source.rows('select count(*) as n from dim_user')).toEqual([{ n: 4 }])
    })

    it('several readers, side by side, do not disturb each other', async () => {
      const count = async (): Promise<number> => {
        let rows = 0
        for await (const batch of source.read(`${numbers} select n from numbers`, { n: 'int32' } as const))
          rows += batch.rowCount
        return rows
      }
      expect(await Promise.all([count(), count(), count(), count(), count(), count()])).toEqual(Array(6).fill(1000))
    })

    it('hostile text, as a parameter of read, stays text', async () => {
      const found: string[] = []
      const sql =
        'select creator_id from dim_creator where creator_id = $1 union all select content_id from dim_content where content_id = $2'
      for await (const batch of source.read(sql, { id: 'string' } as const, [hostileIds.creator, hostileIds.content])) {
        found.push(...batch.columns.id)
      }
      expect(found.sort()).toEqual([hostileIds.creator, hostileIds.content].sort())
    })

    it('rows gives numbers, strings, booleans, null, and times as seconds', async () => {
      expect(
        await source.rows(
          `select count(*) as n, max(user_id) as u, max(case when consent_personalization then 1 else 0 end) = 1 as b, min(deleted_at) as t, cast(null as varchar) as x from dim_user where user_id = 'user-3'`,
        ),
        // 2026-03-09T00:00Z
      ).toEqual([{ n: 1, u: 'user-3', b: false, t: 1_772_323_200 + 8 * 86_400, x: null }])
    })

    it('a write is refused', async () => {
      await expect(source.rows('delete from dim_user')).rejects.toMatchObject({
        code: 'WAREHOUSE_FAILED',
        message: expect.stringMatching(/read-only/i),
      })
    })

    it('a wrong statement is shown with its text', async () => {
      const reading = async (): Promise<void> => {
        for await (const _ of source.read('select nothing from dim_user', { n: 'int32' } as const));
      }
      await expect(reading()).rejects.toMatchObject({
        code: 'WAREHOUSE_FAILED',
        message: expect.stringContaining('select nothing from dim_user'),
      })
    })

    it('text where a number was asked for is an error, not a NaN', async () => {
      const reading = async (): Promise<void> => {
        for await (const _ of source.read('select user_id from dim_user', { n: 'float64' } as const));
      }
      await expect(reading()).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
    })
  })
}

describe('openMartSource', () => {
  it('without a warehouse, says how to get one', async () => {
    const warehouse = { kind: 'duckdb', path: join(folder, 'none.duckdb'), schema: 'marts' } as const
    await expect(openMartSource({ warehouse, duckdb })).rejects.toMatchObject({
      code: 'WAREHOUSE_MISSING',
      message: expect.stringContaining('contentflow sample'),
    })
  })

  it('with a file that is no database, says so and keeps it', async () => {
    const path = join(folder, 'text.duckdb')
    await writeFile(path, 'this is no database, but it is long enough to be looked at. '.repeat(200))
    await expect(
      openMartSource({ warehouse: { kind: 'duckdb', path, schema: 'marts' }, duckdb }),
    ).rejects.toMatchObject({
      code: 'WAREHOUSE_FAILED',
      message: expect.stringContaining('Expected a DuckDB database'),
    })
  })

  it('with another schema than the file has, misses it', async () => {
    const warehouse = { kind: 'duckdb', path: join(folder, 'w.duckdb'), schema: 'elsewhere' } as const
    await expect(openMartSource({ warehouse, duckdb })).rejects.toMatchObject({ code: 'WAREHOUSE_MISSING' })
  })

  it('with a server that is not there, names host and port and never the password', async () => {
    const warehouse = {
      kind: 'postgres',
      url: 'redshift://u:geheim@127.0.0.1:1/db',
      schema: 'marts',
      timeoutSeconds: 1,
    } as const
    const error = await openMartSource({ warehouse, duckdb }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'WAREHOUSE_FAILED', message: expect.stringContaining('127.0.0.1:1/db') })
    expect(JSON.stringify(error) + String(error)).not.toContain('geheim')
  })

  it.skipIf(url === undefined)(
    `with a mart missing in PostgreSQL${url === undefined ? ' (skipped: TEST_POSTGRES_URL is not set)' : ''}, names it; a slow statement is stopped`,
    async () => {
      const empty = await createPostgresWorld(url!)
      try {
        await empty.run('drop table fct_comments')
        const source = await openMartSource({
          warehouse: { kind: 'postgres', url: url!, schema: empty.schema, timeoutSeconds: 1 },
          duckdb,
        })
        await expect(source.rows('select count(*) from fct_comments')).rejects.toMatchObject({
          code: 'WAREHOUSE_MISSING',
        })
        await expect(source.rows('select cast(pg_sleep(5) as text)')).rejects.toMatchObject({
          message: expect.stringContaining('WAREHOUSE_TIMEOUT_SECONDS'),
        })
        await source.close()
      } finally {
        await empty.drop()
      }
    },
  )

  it.skipIf(url === undefined)(
    `a connection that PostgreSQL ends${url === undefined ? ' (skipped: TEST_POSTGRES_URL is not set)' : ''} in the middle of a read, is told, and the next read gets another`,
    async () => {
      const source = await openMartSource({
        warehouse: { kind: 'postgres', url: url!, schema: world!.schema, timeoutSeconds: 10 },
        duckdb,
      })
      const columns = { n: 'int32', process: 'int32' } as const
      const reading = async (): Promise<void> => {
        for await (const batch of source.read(
          `${numbers} select n, pg_backend_pid() from (${many}) as m limit 50000`,
          columns,
        )) {
          await world!.run(`select pg_terminate_backend(${batch.columns.process[0]})`)
        }
      }
      await expect(reading()).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
      expect(await source.rows('select count(*) as n from dim_user')).toEqual([{ n: 4 }])
      await source.close()
    },
  )
})
