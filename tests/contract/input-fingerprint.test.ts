import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config.ts'
import { featureViews } from '../../features/definitions/index.ts'
import { marts } from '../../features/marts/index.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import type { MartSource } from '../../features/sources/mart-source.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { ensureMarts } from '../../features/sources/warehouse-tables.ts'
import { dayName, dayNumber } from '../../features/store/day.ts'
import { inputFingerprint, inputsSql } from '../../features/store/input-fingerprint.ts'
import { createFeatureWorld } from '../support/feature-world.ts'
import { createPostgresWorld } from '../support/small-world.ts'

const days = Array.from({ length: 20 }, (_, i) => dayNumber('2026-03-01') + i)

/** The fingerprints of each view at each of `days`. */
async function fingerprints(source: MartSource): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for (const view of featureViews) found.set(view.name, days.map(await inputFingerprint(source, view)))
  return found
}

/** First day whose fingerprint differs, by view; views without one are left out. A difference never ends, or a build would miss it. */
function firstDifferences(
  before: Awaited<ReturnType<typeof fingerprints>>,
  after: Awaited<ReturnType<typeof fingerprints>>,
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [view, old] of before) {
    const now = after.get(view)!
    const first = old.findIndex((fingerprint, i) => fingerprint !== now[i])
    if (first < 0) continue
    expect(old.slice(first).every((fingerprint, i) => fingerprint !== now[first + i])).toBe(true)
    found[view] = dayName(days[first]!)
  }
  return found
}

/** What changes, how, and the first snapshot of each view that it touches. */
const changes: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['nothing', 'update dim_user set country = country', {}],
  [
    'order of the rows',
    `create table copy_of as select * from fct_interactions; delete from fct_interactions;
     insert into fct_interactions select * from copy_of order by event_id desc; drop table copy_of`,
    {},
  ],
  ['comment', `update fct_comments set body = 'other'`, {}],
  ['description that no view reads', `update dim_content set description = 'other'`, {}],
  // content-2 was published on the 3rd, seen on the 4th; e4 and e6 are with it.
  ...['category', 'language', 'title', 'tags', 'platform'].map(
    (column) =>
      [
        `${column} of a content`,
        `update dim_content set ${column} = 'other' where content_id = 'content-2'`,
        ['title', 'tags'].includes(column)
          ? { content_profile: '2026-03-04' }
          : { content_profile: '2026-03-04', content_start: '2026-03-04' },
      ] as const,
  ),
  [
    'duration of a content',
    `update dim_content set duration_seconds = 601 where content_id = 'content-2'`,
    { content_profile: '2026-03-04', content_start: '2026-03-04' },
  ],
  [
    'duration of a content without a date',
    `update dim_content set duration_seconds = 601 where content_id = 'content-3'`,
    { content_profile: '2026-03-01' },
  ],
  [
    'creator of a content',
    `update dim_content set creator_id = 'creator-2' where content_id = 'content-2'`,
    {
      content_profile: '2026-03-04',
      content_start: '2026-03-04',
      user_activity: '2026-03-05',
      creator_performance: '2026-03-04',
      creator_revenue: '2026-03-05',
    },
  ],
  [
    'hour of publication',
    `update dim_content set published_at = '2026-03-03 13:00:00' where content_id = 'content-2'`,
    { content_profile: '2026-03-04', creator_performance: '2026-03-04' },
  ],
  [
    'type of an interaction',
    `update fct_interactions set event_type = 'like' where event_id = 'e7'`,
    { user_activity: '2026-03-07', content_popularity: '2026-03-07' },
  ],
  [
    'content of an interaction',
    `update fct_interactions set content_id = 'content-1' where event_id = 'e7'`,
    { user_activity: '2026-03-07', content_popularity: '2026-03-07' },
  ],
  [
    'person of an interaction',
    `update fct_interactions set user_id = 'user-1' where event_id = 'e7'`,
    { user_activity: '2026-03-07', user_visits: '2026-03-07' },
  ],
  [
    'hour of an interaction',
    `update fct_interactions set occurred_at = '2026-03-06 03:00:00' where event_id = 'e7'`,
    { user_activity: '2026-03-07' },
  ],
  [
    'two interactions that exchange their contents',
    `update fct_interactions set content_id = case event_id when 'e5' then 'content-2' else 'content-1' end
     where event_id in ('e5', 'e9')`,
    { user_activity: '2026-03-06', content_popularity: '2026-03-06' },
  ],
  [
    'completion from unknown to 0',
    `update fct_interactions set completion = 0 where event_id = 'e9'`,
    { user_activity: '2026-03-10', content_popularity: '2026-03-10' },
  ],
  [
    'rating',
    `update fct_interactions set value = 2 where event_id = 'e5'`,
    { user_activity: '2026-03-06', content_popularity: '2026-03-06' },
  ],
  [
    'daily counts moved from one content to another',
    `update fct_content_daily set content_id = 'content-2' where date = '2026-03-02'`,
    {
      content_popularity: '2026-03-03',
      content_start: '2026-03-03',
      creator_performance: '2026-03-03',
      creator_revenue: '2026-03-03',
    },
  ],
  [
    'clicks',
    `update fct_content_daily set clicks = clicks + 1 where date = '2026-03-02'`,
    { content_popularity: '2026-03-03' },
  ],
  // user-2 signed up on the 2nd.
  ...[`country = 'PT'`, `age_band = '18-24'`, `device = 'mobile'`].map(
    (change) =>
      [
        `person: ${change}`,
        `update dim_user set ${change} where user_id = 'user-2'`,
        { user_activity: '2026-03-03' },
      ] as const,
  ),
  ...[`deleted_at = '2026-03-09'`, 'consent_personalization = false'].map(
    (change) =>
      [
        `person who is gone: ${change}`,
        `update dim_user set ${change} where user_id = 'user-2'`,
        { user_activity: '2026-03-03', user_visits: '2026-03-03', user_subscriptions: '2026-03-03' },
      ] as const,
  ),
  [
    'country of a person of whom no features are kept',
    `update dim_user set country = 'PT' where user_id = 'user-3'`,
    {},
  ],
  [
    'person who has done nothing yet, from the day of signing up',
    `insert into dim_user values ('user-9', null, null, null, null, '2026-03-08 10:00:00', true, null)`,
    { user_activity: '2026-03-09' },
  ],
  [
    'sign-up later than the first interaction',
    `update dim_user set signed_up_at = '2026-03-08' where user_id = 'user-1'`,
    { user_activity: '2026-03-02' },
  ],
  [
    'subscription moved to another creator',
    `update fct_subscriptions set creator_id = 'creator-2' where user_id = 'user-2'`,
    { creator_performance: '2026-03-03' },
  ],
  [
    'subscription that ends a day later',
    `update fct_subscriptions set ended_at = '2026-03-08' where user_id = 'user-2'`,
    { creator_performance: '2026-03-08', user_subscriptions: '2026-03-08' },
  ],
  [
    'country of a creator who never said when they joined, from the first content',
    `update dim_creator set country = 'FR' where name = 'O''Neil'`,
    { creator_performance: '2026-03-05' },
  ],
  [
    'category of an account without a date, of a creator who has another since 2020',
    `update dim_creator set category = 'Film' where platform = 'tiktok'`,
    { creator_performance: '2026-03-01' },
  ],
  [
    'every content at once',
    `update dim_content set content_id = 'x' || content_id; update fct_content_daily set content_id = 'x' || content_id;
     update fct_interactions set content_id = 'x' || content_id`,
    {
      user_activity: '2026-03-02',
      content_popularity: '2026-03-02',
      content_start: '2026-03-02',
      creator_performance: '2026-03-02',
      creator_revenue: '2026-03-02',
      content_profile: '2026-03-01',
    },
  ],
]

const url = process.env.TEST_POSTGRES_URL
const why = url === undefined ? ' (skipped: TEST_POSTGRES_URL is not set)' : ''
const worlds = {
  duckdb: async () => {
    const { config, run, remove } = await createFeatureWorld()
    return { config, run, remove }
  },
  postgres: async () => {
    const { schema, run, drop } = await createPostgresWorld(url!)
    return { config: loadConfig({ WAREHOUSE_URL: url!, WAREHOUSE_SCHEMA: schema }), run, remove: drop }
  },
}
const save = marts.map(({ name }) => `create table saved_${name} as select * from ${name};`).join('\n')
const restore = marts
  .map(({ name }) => `delete from ${name}; insert into ${name} select * from saved_${name};`)
  .join('\n')

describe.skipIf(url === undefined).each(['postgres'] as const)(`inputFingerprint on %s${why}`, suite)
describe.each(['duckdb'] as const)('inputFingerprint on %s', suite)

function suite(kind: keyof typeof worlds): void {
  let world: Awaited<ReturnType<(typeof worlds)[typeof kind]>>
  let before: Awaited<ReturnType<typeof fingerprints>>
  const read = async () => {
    const source = await openMartSource(world.config)
    return fingerprints(source).finally(() => source.close())
  }
  beforeAll(async () => {
    world = await worlds[kind]()
    await world.run(save)
    before = await read()
  })
  afterAll(() => world?.remove())

  it.each(changes)('%s, shows on the days it touches', async (_, sql, expected) => {
    await world.run(sql)
    const after = await read()
    await world.run(restore)
    expect(firstDifferences(before, after)).toEqual(expected)
  })

  it('rows that came and went, leave the fingerprints as they were', async () => {
    expect(await read()).toEqual(before)
  })
}

describe('inputs of the views', () => {
  let database: DuckDbDatabase
  beforeAll(async () => {
    database = await DuckDbDatabase.open({ path: ':memory:', schema: 'marts', memoryMb: 256, threads: 1 })
    await ensureMarts(database, 'marts')
    await database.run('create schema less')
  })
  afterAll(() => database.close())

  it.each(featureViews)('$name, name every column of the marts that the statement reads', async (view) => {
    const statement = view.sqlForDays('duckdb', ['2026-03-10'])
    const inputs = inputsSql('duckdb', view)
    const fails = (sql: string): Promise<boolean> =>
      database.run(`explain ${sql}`).then(
        () => false,
        () => true,
      )
    const read: string[] = []
    const watched: string[] = []
    for (const mart of marts.filter(({ name }) => statement.includes(name))) {
      for (const { name } of mart.columns) {
        // The same marts without this one column: a statement that reads it cannot be planned.
        await database.run(`create or replace view less.${mart.name} as select * exclude (${name}) from marts.${mart.name};
          set search_path = 'less,marts'`)
        if (await fails(statement)) read.push(`${mart.name}.${name}`)
        if (await fails(inputs)) watched.push(`${mart.name}.${name}`)
      }
      await database.run(`drop view less.${mart.name}`)
    }
    expect(read.length).toBeGreaterThan(3)
    expect(watched).toEqual(read)
  })
})
