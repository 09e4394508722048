import type { ColumnKind, Mart } from './mart.ts'

export type DdlDialect = 'duckdb' | 'postgres' | 'redshift'

export const ddlDialects: readonly DdlDialect[] = ['duckdb', 'postgres', 'redshift']

const commonTypes: Record<ColumnKind, string> = {
  id: 'varchar',
  text: 'varchar',
  category: 'varchar',
  integer: 'bigint',
  real: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
}

// Redshift counts bytes, and a bare varchar there means varchar(256).
const redshiftTypes: Record<ColumnKind, string> = {
  ...commonTypes,
  id: 'varchar(512)',
  text: 'varchar(65535)',
  category: 'varchar(256)',
}

export const sqlType = (kind: ColumnKind, dialect: DdlDialect): string =>
  (dialect === 'redshift' ? redshiftTypes : commonTypes)[kind]

/**
 * The CREATE TABLE statement of a mart.
 *
 * Keys are declared in PostgreSQL only: Redshift would not enforce them, and in DuckDB their index costs memory and time on bulk
 * loads, while imports and `marts check` keep the keys unique there.
 *
 * @param schema an SQL identifier (config.ts checks it); the table is created in it when it does not exist
 */
export function createTableSql(mart: Mart, dialect: DdlDialect, schema: string): string {
  const lines = mart.columns.map(
    (column) => `  ${column.name} ${sqlType(column.type, dialect)}${column.nullable ? '' : ' not null'}`,
  )
  if (dialect === 'postgres') lines.push(`  primary key (${mart.key.join(', ')})`)
  return `create table if not exists ${schema}.${mart.name} (\n${lines.join(',\n')}\n)${storage(mart, dialect)};`
}

function storage(mart: Mart, dialect: DdlDialect): string {
  if (dialect !== 'redshift') return ''
  const distribution = mart.distKey === 'all' ? 'diststyle all' : `diststyle key distkey (${mart.distKey})`
  return `\n${distribution}\nsortkey (${mart.sortKey.join(', ')})`
}
