import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { marts } from '../../../features/marts/index.ts'
import { checkMarts } from '../../../features/sources/check-marts.ts'
import { DuckDbDatabase } from '../../../features/sources/duckdb-database.ts'
import { DuckDbSource } from '../../../features/sources/duckdb-source.ts'
import { PostgresSource } from '../../../features/sources/postgres-source.ts'
import { createPostgresWorld, writeSmallWorld } from '../../support/small-world.ts'

/** Spoils the small world in one way of each kind; portable. */
const spoil = [
  `insert into fct_interactions select event_id, user_id, content_id, platform, event_type, occurred_at, watch_seconds, completion, value from fct_interactions where event_id in ('e1', 'e2')`,
  `insert into fct_interactions values ('e20', 'nobody', 'nothing', 'youtube', 'dance', timestamp '2026-03-01 00:00:00', -1, 1.5, null)`,
  `update dim_user set age_band = 'old' where user_id = 'user-1'`,
  `update dim_content set creator_id = '' where content_id = 'content-3'`,
  `update dim_user set user_id = repeat('é', 257) where user_id = 'user-3'`,
  `update fct_comments set comment_id = 'a' || chr(10) || 'b' where comment_id = (select min(comment_id) from fct_comments)`,
  `update fct_content_daily set ad_revenue_usd = cast('NaN' as double precision) where ad_revenue_usd = 0.25`,
  `update fct_interactions set occurred_at = timestamp 'infinity' where event_id = 'e3'`,
  `update dim_content set published_at = timestamp '0001-01-01 00:00:00' where content_id = 'content-3'`,
  `update fct_content_daily set date = date '9999-12-31' where ad_revenue_usd = cast('NaN' as double precision)`,
  `alter table fct_comments drop column body`,
  `alter table fct_subscriptions alter column ended_at type varchar`,
  `delete from fct_audience_hourly`,
  `drop table dim_creator`,
]

/** The problems of the spoilt world, as `mart severity kind column rows`. */
const expected = [
  'dim_creator error missing table null 0',
  'dim_user error value age_band 1',
  'dim_user error form user_id 1',
  'dim_content error empty creator_id 1',
  'fct_interactions error range watch_seconds 1',
  'fct_interactions error range completion 1',
  'dim_content error range published_at 1',
  'fct_interactions error range occurred_at 1',
  'fct_interactions error value event_type 1',
  'fct_interactions error duplicate key null 2',
  'fct_interactions warning orphan user_id 1',
  'fct_interactions error orphan content_id 1',
  'fct_content_daily error range ad_revenue_usd 1',
  'fct_content_daily error range date 1',
  'fct_comments error form comment_id 1',
  'fct_comments error missing column body 0',
  'fct_subscriptions error wrong type ended_at 0',
  'fct_audience_hourly warning no rows null 0',
]

type Reports = Awaited<ReturnType<typeof checkMarts>>
const flat = (reports: Reports): string[] =>
  reports
    .flatMap(({ mart, problems }) => problems.map((p) => `${mart} ${p.severity} ${p.kind} ${p.column} ${p.rows}`))
    .sort()

describe('checkMarts on DuckDB', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'contentflow-check-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('a sound world has no problems, and rows and span are told', async () => {
    const path = join(folder, 'sound.duckdb')
    await writeSmallWorld(path)
    const source = new DuckDbSource(await DuckDbDatabase.open({ path, schema: 'marts', memoryMb: 256, readOnly: true }))
    const reports = await checkMarts(source, 'marts')
    await source.close()
    expect(flat(reports)).toEqual([])
    expect(reports.find(({ mart }) => mart === 'fct_interactions')).toMatchObject({
      rows: 9,
      first: '2026-03-01T10:00:00Z',
      last: '2026-03-09T18:00:00Z',
    })
  })

  it('each kind of damage, in one world, is found and counted', async () => {
    const path = join(folder, 'spoilt.duckdb')
    await writeSmallWorld(path)
    const database = await DuckDbDatabase.open({ path, schema: 'marts', memoryMb: 256 })
    for (const statement of spoil) await database.run(statement)
    const reports = await checkMarts(new DuckDbSource(database), 'marts')
    await database.close()
    expect(flat(reports)).toEqual([...expected].sort())
  })

  it('a schema without any mart misses all of them', async () => {
    const database = await DuckDbDatabase.open({ path: ':memory:', schema: 'marts', memoryMb: 256 })
    const reports = await checkMarts(new DuckDbSource(database), 'marts')
    await database.close()
    expect(reports.map(({ problems }) => problems[0]?.kind)).toEqual(marts.map(() => 'missing table'))
  })
})

const url = process.env.TEST_POSTGRES_URL
describe.skipIf(url === undefined)(
  `checkMarts on PostgreSQL${url === undefined ? ' (skipped: TEST_POSTGRES_URL is not set)' : ''}`,
  () => {
    it('each kind of damage, in one world, is found and counted as on DuckDB', async () => {
      const world = await createPostgresWorld(url!)
      try {
        // Redshift would not enforce these; PostgreSQL must not here.
        await world.run('alter table fct_interactions drop constraint fct_interactions_pkey')
        for (const statement of spoil) await world.run(statement)
        const source = await PostgresSource.open({ url: url!, schema: world.schema, timeoutSeconds: 30 })
        const reports = await checkMarts(source, world.schema)
        await source.close()
        expect(flat(reports)).toEqual([...expected].sort())
      } finally {
        await world.drop()
      }
    })
  },
)
