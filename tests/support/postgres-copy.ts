import pg from 'pg'
import { createTableSql, sqlType } from '../../features/marts/ddl.ts'
import { marts } from '../../features/marts/index.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import type { ColumnType } from '../../features/sources/mart-source.ts'

// No text of a mart is this, so it can stand for NULL on the way.
const nullMark = '\\N'

interface Table {
  readonly name: string
  readonly create: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** Copies all marts of a DuckDB warehouse, and what it says about itself, into a new schema of a real PostgreSQL. */
export async function copyMartsToPostgres(duckDbPath: string, url: string, schema: string): Promise<void> {
  const source = await DuckDbDatabase.open({ path: duckDbPath, memoryMb: 1024, schema: 'marts', readOnly: true })
  const target = new pg.Client({ connectionString: url })
  await target.connect()
  try {
    await target.query(`create schema ${schema}`)
    for (const table of tables(schema)) {
      await target.query(table.create)
      await copyTable(source, target, table, schema)
    }
  } finally {
    await target.end()
    await source.close()
  }
}

export async function dropPostgresSchema(url: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`drop schema if exists ${schema} cascade`)
  await client.end()
}

const tables = (schema: string): Table[] => [
  ...marts.map((mart) => ({
    name: mart.name,
    create: createTableSql(mart, 'postgres', schema),
    columns: mart.columns.map((column) => ({ name: column.name, type: sqlType(column.type, 'postgres') })),
  })),
  {
    name: 'contentflow_meta',
    create: `create table ${schema}.contentflow_meta (key varchar, value varchar)`,
    columns: [
      { name: 'key', type: 'varchar' },
      { name: 'value', type: 'varchar' },
    ],
  },
]

async function copyTable(source: DuckDbDatabase, target: pg.Client, table: Table, schema: string): Promise<void> {
  const names = table.columns.map((column) => column.name)
  const select = names.map((name) => `coalesce(cast(${name} as varchar), '${nullMark}') as ${name}`).join(', ')
  const types = Object.fromEntries(names.map((name) => [name, 'string'])) as Record<string, ColumnType>
  const values = table.columns.map((column, j) => `nullif(c${j}, '${nullMark}')::${column.type}`).join(', ')
  const arrays = names.map((_, j) => `$${j + 1}::text[]`).join(', ')
  const insert = `insert into ${schema}.${table.name} (${names.join(', ')})
    select ${values} from unnest(${arrays}) as u(${names.map((_, j) => `c${j}`).join(', ')})`
  for await (const batch of source.read(`select ${select} from ${table.name}`, types)) {
    await target.query(
      insert,
      names.map((name) => batch.columns[name] as unknown as string[]),
    )
  }
}
