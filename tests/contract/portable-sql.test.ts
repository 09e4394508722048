import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureViews } from '../../features/definitions/index.ts'
import { checkStatements } from '../../features/marts/check-statements.ts'
import { marts } from '../../features/marts/index.ts'
import type { MartSource, SqlDialect, SqlParameter } from '../../features/sources/mart-source.ts'
import { openMartSource } from '../../features/sources/open-mart-source.ts'
import { erasedUsersSql } from '../../features/store/erased-user-snapshots.ts'
import { factSpanSql } from '../../features/store/fact-span.ts'
import { contentCardsSql, creatorCardsSql, factsUntilSql } from '../../features/store/materialise-cards.ts'
import { historiesSql, usersSql } from '../../features/store/materialise-histories.ts'
import { activeUsersSql, lastInteractionSql } from '../../training/datasets/active-users.ts'
import { audienceHoursSql } from '../../training/datasets/audience-activity.ts'
import { audienceDaysSql, audienceSpellsSql } from '../../training/datasets/audience-days.ts'
import { contentOutcomesSql, lastDaySql } from '../../training/datasets/contents.ts'
import { creatorCountriesSql } from '../../training/datasets/creator-time-zones.ts'
import { creatorRevenueSql, revenueSpanSql } from '../../training/datasets/creator-weeks.ts'
import { itemContentSql } from '../../training/datasets/mart-item-content.ts'
import { measures } from '../../training/datasets/outcome-names.ts'
import { readInteractions } from '../../training/datasets/read-interactions.ts'
import {
  createPostgresWorld,
  hostileIds,
  type PostgresWorld,
  smallWorld,
  writeSmallWorld,
} from '../support/small-world.ts'

/** The small world, and people of every kind who did one thing each: who did not agree, who is gone, and who has no account. */
const world = {
  ...smallWorld,
  dim_user: [
    ...smallWorld.dim_user!,
    ['user-no', null, null, null, null, null, false, null],
    ['user-gone', null, null, null, null, null, true, new Date('2026-03-09T00:00:00Z')],
  ],
  fct_interactions: [
    ...smallWorld.fct_interactions!,
    ...['user-no', 'user-gone', 'user-without-account'].map((id, i) => [
      `p${i}`,
      id,
      'content-2',
      'youtube',
      'like',
      new Date('2026-03-08T12:00:00Z'),
      null,
      null,
      null,
    ]),
  ],
}

interface Statement {
  readonly name: string
  readonly sql: (dialect: SqlDialect) => string
  readonly parameters: readonly SqlParameter[]
}

const moments = [new Date('2026-03-05T00:00:00Z'), new Date('2026-03-20T06:30:00.5Z')]

/** The traps of the dialects, so that a change of driver or settings shows here and not in a model. */
const probes: Record<string, readonly [string, readonly SqlParameter[]]> = {
  'integer division cuts': ['select 7 / 2 as a, -7 / 2 as b', []],
  'descending order puts nulls first': [
    'select title, category from dim_content order by category desc, content_id',
    [],
  ],
  'ascending order puts nulls last': [
    'select content_id, duration_seconds from dim_content order by duration_seconds',
    [],
  ],
  'a moment beside a date keeps its hours': [
    'select count(*) as n from fct_content_daily where date < $1',
    [moments[0]!],
  ],
  'a moment beside a date, later the same day': [
    'select count(*) as n from fct_content_daily where date < $1',
    [new Date('2026-03-05T00:00:01Z')],
  ],
  'epoch of a timestamp and of a date': [
    'select cast(extract(epoch from max(occurred_at)) as double precision) as t from fct_interactions union all select cast(extract(epoch from max(date)) as double precision) from fct_content_daily order by 1',
    [],
  ],
  'hour and day of week': [
    'select event_id, cast(extract(hour from occurred_at) as integer) as h, cast(extract(dow from occurred_at) as integer) as d from fct_interactions order by event_id',
    [],
  ],
  'hostile text as a parameter': ['select name from dim_creator where creator_id = $1', [hostileIds.creator]],
  'all kinds of parameters': [
    'select event_id from fct_interactions where occurred_at >= $1 and content_id <> $2 and (watch_seconds > $3 or $4) and $5 is null order by event_id limit 3',
    [moments[0]!, hostileIds.content, 0.5, true, null],
  ],
  'sums and averages are numbers': [
    'select sum(views) as s, avg(views) as a, count(distinct content_id) as n, max(ad_revenue_usd) as m from fct_content_daily',
    [],
  ],
  'week and day truncation': [
    `select date_trunc('week', occurred_at) as w, date_trunc('day', occurred_at) + interval '7 days' as d from fct_interactions order by event_id`,
    [],
  ],
  'row number in a subquery': [
    'select user_id, event_id from (select user_id, event_id, row_number() over (partition by user_id order by occurred_at desc, event_id desc) as nth from fct_interactions) as r where nth = 1 order by user_id',
    [],
  ],
}

const ofTheProduct: Record<string, readonly [string, readonly SqlParameter[]]> = {
  'erased users': [erasedUsersSql, []],
  'content cards': [contentCardsSql, [moments[1]!]],
  'end of the facts': [factsUntilSql, [moments[1]!, moments[1]!]],
  'creator cards': [creatorCardsSql, []],
  histories: [historiesSql, []],
  'users for the demo page': [usersSql, []],
  'span of the facts': [factSpanSql, []],
  'content outcomes': [contentOutcomesSql(measures), []],
  'content of items': [itemContentSql, []],
  'last day with counts': [lastDaySql, []],
  'audience by hour of the week': [audienceHoursSql([1_772_900_000, 1_773_500_000]), [moments[1]!]],
  'countries of creators': [creatorCountriesSql, []],
  'active users': [activeUsersSql, []],
  'last interaction': [lastInteractionSql, []],
  'days of the audience': [audienceDaysSql, []],
  'revenue of creators': [creatorRevenueSql, []],
  'days of known revenue': [revenueSpanSql, []],
  'subscriptions of the audience': [audienceSpellsSql, []],
}

const statements: Statement[] = [
  ...Object.entries(ofTheProduct).map(([name, [sql, parameters]]) => ({ name, sql: () => sql, parameters })),
  ...Object.entries(probes).map(([name, [sql, parameters]]) => ({ name, sql: () => sql, parameters })),
  ...marts.flatMap(checkStatements).map(({ name, sql }) => ({ name: `check ${name}`, sql: () => sql, parameters: [] })),
  ...featureViews.flatMap((view) =>
    moments.map((moment) => ({
      name: `view ${view.name} as of ${moment.toISOString()}`,
      sql: view.sql,
      parameters: [moment],
    })),
  ),
]

/** What PostgreSQL, Redshift or DuckDB lacks, or reads differently from the others. */
const forbidden =
  /\b(qualify|lateral|unnest|median|listagg|generate_series|any_value|asof)\b|\bfilter\s*\(|\barray\s*\[|range\s+between|\bnow\s*\(|nulls\s+(first|last)|on\s+conflict|datediff|dateadd|\s~\s/i

const lintedSql = (sql: string): string => sql.replace(/'(?:[^']|'')*'/g, "''").replace(/--[^\n]*/g, '')

describe('portable SQL', () => {
  it.each(statements.map((statement) => [statement.name, statement] as const))(
    'the lint accepts %s',
    (_, statement) => {
      expect(lintedSql(statement.sql('postgres'))).not.toMatch(forbidden)
    },
  )

  it.each([
    'select 1 qualify x',
    'count(*) filter (where b)',
    'sum(x) over (order by t range between a and b)',
    'a ~ b',
  ])('the lint refuses %s', (sql) => {
    expect(lintedSql(sql)).toMatch(forbidden)
  })
})

const url = process.env.TEST_POSTGRES_URL
describe.skipIf(url === undefined)(
  `portable SQL on DuckDB and PostgreSQL${url === undefined ? ' (skipped: TEST_POSTGRES_URL is not set)' : ''}`,
  () => {
    let folder: string
    let postgresWorld: PostgresWorld
    let duckdb: MartSource
    let postgres: MartSource

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'contentflow-portable-'))
      const path = join(folder, 'w.duckdb')
      await writeSmallWorld(path, 'marts', world)
      postgresWorld = await createPostgresWorld(url!, world)
      const settings = { memoryMb: 512, threads: 1 }
      duckdb = await openMartSource({ warehouse: { kind: 'duckdb', path, schema: 'marts' }, duckdb: settings })
      postgres = await openMartSource({
        warehouse: { kind: 'postgres', url: url!, schema: postgresWorld.schema, timeoutSeconds: 30 },
        duckdb: settings,
      })
    })

    afterAll(async () => {
      await duckdb?.close()
      await postgres?.close()
      await postgresWorld?.drop()
      await rm(folder, { recursive: true, force: true })
    })

    it.each(statements.map((statement) => [statement.name, statement] as const))(
      '%s gives the same rows',
      async (_, { sql, parameters }) => {
        const a = await duckdb.rows(sql('duckdb'), parameters)
        const b = await postgres.rows(sql('postgres'), parameters)
        // Not every statement promises an order.
        expect(sorted(a)).toEqual(sorted(b).map((row, i) => snap(row, sorted(a)[i])))
      },
    )

    it.each([undefined, 4])('interactions, with ratings from %s, are read in the same order', async (minRating) => {
      const options = { minRating, minInteractions: 1, firstOnly: false }
      expect(await readInteractions(postgres, options)).toEqual(await readInteractions(duckdb, options))
    })

    it('interactions of people who did not agree or are gone are not learned from, those without an account are', async () => {
      const { users } = await readInteractions(postgres, { minInteractions: 1, firstOnly: true })
      expect([...users].sort()).toEqual([hostileIds.user, 'user-1', 'user-2', 'user-without-account'])
    })
  },
)

type Row = Record<string, string | number | boolean | null>

const sorted = (rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0))

/** Six digits tell rows apart and hide how the two engines round. */
const keyOf = (row: Row): string =>
  JSON.stringify(Object.values(row).map((value) => (typeof value === 'number' ? value.toPrecision(6) : value)))

/** Replaces numbers that equal the other row's to 1e-9, relative, by those, so that the rest can be compared exactly. */
function snap(row: Row, other: Row | undefined): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const reference = other?.[name]
      if (typeof value !== 'number' || typeof reference !== 'number') return [name, value]
      const scale = Math.max(Math.abs(value), Math.abs(reference))
      return [name, Math.abs(value - reference) <= 1e-9 * scale ? reference : value]
    }),
  )
}
