import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { createTableSql } from '../../features/marts/ddl.ts'
import { marts } from '../../features/marts/index.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import type { SqlParameter } from '../../features/sources/mart-source.ts'
import { sqlLiteral } from '../../features/sources/sql-literal.ts'
import { ensureMarts } from '../../features/sources/warehouse-tables.ts'

/** Ids as no one should choose them: a slash, an emoji, SQL, a backslash. */
export const hostileIds = {
  user: `a/b?c=1&d`,
  content: `🎬 "x"; drop table dim_content; --`,
  creator: `O'Neil \\ sons`,
} as const

const at = (text: string): Date => new Date(`2026-03-${text}Z`)
const u = hostileIds.user
const c = hostileIds.content
const k = hostileIds.creator

/** A handful of rows for each mart, in the order of its columns; March 2026, two creators, four contents, four users. */
export const smallWorld: Readonly<Record<string, readonly (readonly SqlParameter[])[]>> = {
  dim_creator: [
    ['creator-1', 'youtube', 'First', 'Music', 'IN', 1000, new Date('2020-01-01T00:00:00Z')],
    ['creator-1', 'tiktok', 'First', 'Music', 'IN', null, null],
    [k, 'youtube', `O'Neil`, null, null, 5, null],
  ],
  dim_user: [
    ['user-1', 'IN', '18-24', 'female', 'mobile', at('01 08:00:00'), true, null],
    ['user-2', 'BR', '55+', 'male', 'tv', at('02 09:30:00'), true, null],
    ['user-3', null, null, null, null, null, false, at('09 00:00:00')],
    [u, 'FR', '25-34', 'other', 'desktop', at('01 00:00:00'), true, null],
  ],
  dim_content: [
    ['content-1', 'youtube', 'creator-1', 'One', 'd', 'a|b', 'Music', 'en', 60, at('01 00:00:00'), null],
    ['content-2', 'youtube', 'creator-1', 'Two', null, null, 'Music', 'pt', 600.5, at('03 12:00:00'), null],
    ['content-3', 'tiktok', 'creator-1', 'Three 🎉', null, 'b', null, null, null, null, null],
    [c, 'youtube', k, `It's`, '', 'a', 'Comedy', 'fr', 30, at('04 23:59:59.999'), at('05 00:00:00')],
  ],
  fct_interactions: [
    ['e1', 'user-1', 'content-1', 'youtube', 'view', at('01 10:00:00'), 30, 0.5, null],
    ['e2', 'user-1', 'content-1', 'youtube', 'like', at('01 10:00:30'), null, null, null],
    ['e3', 'user-2', 'content-1', 'youtube', 'view', at('02 11:00:00'), 60, 1, null],
    ['e4', 'user-1', 'content-2', 'youtube', 'view', at('04 10:00:00'), 100.25, 0.1669, null],
    ['e5', u, c, 'youtube', 'rating', at('05 00:00:00'), null, null, 4.5],
    ['e6', u, 'content-2', 'youtube', 'share', at('05 00:00:00'), null, null, null],
    ['e7', 'user-2', c, 'youtube', 'skip', at('06 23:59:59.5'), 1, 0.01, null],
    ['e8', 'user-1', 'content-3', 'tiktok', 'comment', at('08 07:15:00'), null, null, null],
    ['e9', 'user-1', 'content-1', 'youtube', 'save', at('09 18:00:00'), null, null, null],
  ],
  fct_content_daily: [
    ['content-1', at('01'), 10, 8, 2, 0, 1, 0, 100, 12, 500, 1, 0.5, 0],
    ['content-1', at('02'), 5, 5, 0, 1, 0, 0, 50, 6, 250.5, -1, 0.25, 0],
    ['content-2', at('04'), 7, null, 1, null, null, null, null, null, null, null, null, null],
    [c, at('05'), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100],
  ],
  fct_comments: [
    ['m1', 'content-1', 'user-1', 'Nice 👍', 3, at('01 11:00:00')],
    ['m2', c, null, `it's; -- "bad"`, null, at('06 00:00:00')],
  ],
  fct_subscriptions: [
    ['user-1', 'creator-1', at('01 10:01:00'), null],
    ['user-2', 'creator-1', at('02 11:05:00'), at('07 00:00:00')],
    [u, k, at('05 00:01:00'), null],
  ],
  fct_audience_hourly: [
    ['creator-1', 'youtube', at('01 10:00:00'), 40],
    ['creator-1', 'youtube', at('02 11:00:00'), 55],
    [k, 'youtube', at('05 00:00:00'), 2],
  ],
}

/** INSERT statements of the small world; the same text for DuckDB and PostgreSQL. */
function smallWorldSql(schema: string, world = smallWorld): string {
  return marts
    .filter((mart) => (world[mart.name]?.length ?? 0) > 0)
    .map((mart) => {
      const rows = world[mart.name]!.map((row) => `(${row.map(sqlLiteral).join(', ')})`)
      return `insert into ${schema}.${mart.name} values ${rows.join(',\n')};`
    })
    .join('\n')
}

/** Writes the small world into a DuckDB warehouse file. */
export async function writeSmallWorld(path: string, schema = 'marts', world = smallWorld): Promise<void> {
  const database = await DuckDbDatabase.open({ path, schema, memoryMb: 512, threads: 1, create: true })
  try {
    await ensureMarts(database, schema)
    await database.run(smallWorldSql(schema, world))
  } finally {
    await database.close()
  }
}

export interface PostgresWorld {
  readonly schema: string
  /** Runs a statement in the schema, e.g. to spoil a row. */
  readonly run: (sql: string) => Promise<void>
  readonly drop: () => Promise<void>
}

/** Writes the small world into a new schema, of a random name, of a real PostgreSQL. */
export async function createPostgresWorld(url: string, world = smallWorld): Promise<PostgresWorld> {
  const schema = `marts_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const tables = marts.map((mart) => createTableSql(mart, 'postgres', schema))
  await client.query([`create schema ${schema}`, ...tables, smallWorldSql(schema, world)].join(';\n'))
  await client.query(`set search_path to ${schema}`)
  return {
    schema,
    run: async (sql) => {
      await client.query(sql)
    },
    drop: async () => {
      await client.query(`drop schema ${schema} cascade`)
      await client.end()
    },
  }
}
