import { createTableSql } from '../marts/ddl.ts'
import { marts } from '../marts/index.ts'
import type { DuckDbDatabase } from './duckdb-database.ts'

/** The table for facts about the warehouse that no mart can hold, e.g. `synthetic` = `true`. */
const metaTable = 'contentflow_meta'

/**
 * Creates the marts (and the table for facts about them) that a DuckDB warehouse does not have yet.
 *
 * @param database opened read-write with `schema`
 */
export async function ensureMarts(database: DuckDbDatabase, schema: string): Promise<void> {
  const statements = marts.map((mart) => createTableSql(mart, 'duckdb', schema))
  const meta = `create table if not exists ${schema}.${metaTable} (key varchar primary key, value varchar not null);`
  await database.run([...statements, meta].join('\n'))
}

/** Writes one fact about the warehouse, replacing an earlier one; `ensureMarts` first. */
export async function writeMeta(database: DuckDbDatabase, key: string, value: string): Promise<void> {
  await database.run(`insert or replace into ${metaTable} values ($1, $2)`, [key, value])
}

/** What `writeMeta` wrote; undefined when the fact, or the whole table (a warehouse not made by us), is missing. */
export async function readMeta(
  source: Pick<DuckDbDatabase, 'rows'>,
  schema: string,
  key: string,
): Promise<string | undefined> {
  const tables = await source.rows(
    `select count(*) as n from information_schema.tables where table_schema = $1 and table_name = '${metaTable}'`,
    [schema],
  )
  if (tables[0]?.n === 0) return undefined
  const found = await source.rows(`select value from ${metaTable} where key = $1`, [key])
  return found[0] === undefined ? undefined : String(found[0].value)
}
