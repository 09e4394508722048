import { basename, join } from 'node:path'
import { AppError } from '../../errors.ts'
import { sqlType } from '../../features/marts/ddl.ts'
import { findMart, marts } from '../../features/marts/index.ts'
import { type ColumnKind, type Mart, type MartColumn, martColumn } from '../../features/marts/mart.ts'
import { quoteName } from '../../features/sources/sql-text.ts'
import { headerOf, requireColumns } from './header.ts'
import { jsonLinesFormat, loadJsonLines } from './json-lines.ts'
import { momentForms, momentOrSecondsSql } from './moment-sql.ts'
import { numberText } from './numbered-text.ts'
import { openParquet } from './parquet-file.ts'
import { type ImportContext, type ImportReport, type ImportWork, runImport, withScratch } from './run-import.ts'
import type { Staging } from './staging.ts'
import { addConstants, deriveKey, parseColumns, resolveSources, type TableColumns } from './table-columns.ts'

export type TableFormat = 'csv' | 'parquet' | 'ndjson'

/** A file whose columns are known, ready to be staged as text. */
interface TableFile {
  /** Source names; undefined for NDJSON, whose lines name them. */
  readonly names: readonly string[] | undefined
  /** Tells what was read. */
  readonly count: (work: ImportWork) => void
  /** Fills the temporary table `source_rows (line, …mart columns as text)`. */
  readonly load: (staging: Staging, sources: ReadonlyMap<string, string>) => Promise<void>
}

/**
 * Imports one file into one mart. Values are read as the mart's types: a timestamp as `momentOrSecondsSql` says, a boolean as
 * true/false/1/0; an empty field is null. Where the key only tells rows apart and the file has none, it is made of the row's other
 * values: the same row gets the same key again.
 *
 * @throws AppError as `runImport`; INPUT_INVALID also for an unknown mart or column, and when a column that must not be null has
 *   no source
 */
export async function importTable(
  context: ImportContext,
  format: TableFormat,
  martName: string,
  path: string,
  given: TableColumns,
): Promise<ImportReport> {
  const mart = findMart(martName)
  if (mart === undefined) {
    throw new AppError(
      'INPUT_INVALID',
      `Expected a mart, one of ${marts.map(({ name }) => name).join(', ')}; got ${martName}.`,
    )
  }
  const { wanted, constants } = parseColumns(mart, given)
  return withScratch(async (scratch) => {
    const file = await openTable(format, path, scratch, mart, wanted)
    const sources = resolveSources(mart, wanted, constants, file.names, path)
    return runImport(context, {
      name: `${format}-${mart.name}`,
      files: [path],
      stage: async (staging, work) => {
        file.count(work)
        await file.load(staging, sources)
        await addConstants(staging, constants)
        const key = await deriveKey(staging, mart, sources, constants)
        if (key !== undefined)
          work.note(`no ${key} is given: it is made of the other columns, the same for the same row`)
        if (format === 'ndjson') await requireKeys(staging, mart, sources, path)
        const columns = [...new Set([...sources.keys(), ...constants.keys(), ...(key === undefined ? [] : [key])])]
        await convert(staging, mart, columns, path)
        return [{ mart, table: 'typed_rows', file: path, columns }]
      },
    })
  })
}

async function openTable(
  format: TableFormat,
  path: string,
  scratch: string,
  mart: Mart,
  wanted: ReadonlyMap<string, string>,
): Promise<TableFile> {
  if (format === 'parquet') {
    const { names, records, load } = await openParquet(path, (source) => kindOf(mart, wanted, source))
    return { names, count: (work) => work.read(records), load }
  }
  if (format === 'csv') return openCsv(path, join(scratch, 'rows.csv'))
  return openNdjson(path, join(scratch, 'rows.txt'))
}

/** What the mart makes of a source column; undefined when nothing. */
function kindOf(mart: Mart, wanted: ReadonlyMap<string, string>, source: string): ColumnKind | undefined {
  return mart.columns.find(({ name }) => (wanted.get(name) ?? name) === source)?.type
}

async function openCsv(path: string, scratch: string): Promise<TableFile> {
  const text = await numberText(path, scratch, { separator: ',', quoted: true })
  const names = requireColumns(text, [])
  return {
    names,
    count: (work) => work.readText(text, 1),
    load: (staging, sources) =>
      staging.load('source_rows', text, headerOf(text), {
        header: true,
        select: Object.fromEntries([...sources].map(([column, source]) => [column, quoteName(source)])),
      }),
  }
}

async function openNdjson(path: string, scratch: string): Promise<TableFile> {
  const text = await numberText(path, scratch, jsonLinesFormat)
  return {
    names: undefined,
    count: (work) => work.readText(text, 0),
    load: (staging, sources) => loadJsonLines(staging, 'source_rows', text, sources),
  }
}

/** NDJSON has no header: a needed key that no line has is a wrong structure, not a million bad rows. */
async function requireKeys(
  staging: Staging,
  mart: Mart,
  sources: ReadonlyMap<string, string>,
  path: string,
): Promise<void> {
  for (const { name, nullable } of mart.columns) {
    if (
      nullable ||
      !sources.has(name) ||
      (await staging.count(`(select 1 from source_rows where ${name} is not null limit 1)`)) > 0
    )
      continue
    throw new AppError(
      'INPUT_INVALID',
      `${basename(path)}: expected lines with the key ${sources.get(name)} (for ${name}); none has it. Say which is which with --map column=source. Nothing was imported.`,
    )
  }
}

/** Text to the mart's types, into `typed_rows`; what cannot be read is rejected. */
async function convert(staging: Staging, mart: Mart, columns: readonly string[], path: string): Promise<void> {
  const chosen = columns.map((name) => martColumn(mart, name))
  const checks = chosen
    .filter(({ type }) => sqlType(type, 'duckdb') !== 'varchar')
    .map((column) => ({
      when: `(${column.name} is not null and ${parsed(column)} is null)`,
      reason: `'expected ${column.name} as ${formOf(column)}; got ' || ${column.name}`,
    }))
  const list = chosen.map((column) => `${parsed(column)} as ${column.name}`)
  // Reading a value costs most of the time, so it is done once; only when something is unreadable, again for the reasons.
  const unreadable = checks.map(({ when }) => when).join(' or ') || 'false'
  await staging.run(
    `create temp table typed_rows as select line, ${list.join(', ')}, ${unreadable} as unreadable from source_rows`,
  )
  if ((await staging.count('typed_rows where unreadable')) > 0) {
    await staging.reject('source_rows', path, checks)
    await staging.run('delete from typed_rows where unreadable')
  }
  await staging.run('alter table typed_rows drop column unreadable; drop table source_rows')
}

const formOf = ({ type }: MartColumn): string =>
  type === 'timestamp' || type === 'date' ? `${type}, ${momentForms} or seconds since 1970` : type

function parsed({ name, type }: MartColumn): string {
  const target = sqlType(type, 'duckdb')
  if (target === 'varchar') return name
  if (type === 'timestamp') return momentOrSecondsSql(name)
  if (type === 'date') return `cast(${momentOrSecondsSql(name)} as date)`
  // 3.0 is a whole number, 3.5 is not.
  if (type === 'integer') {
    return `coalesce(case when regexp_matches(${name}, '^[+-]?\\d+$') then try_cast(${name} as bigint) end, case when try_cast(${name} as double) = round(try_cast(${name} as double)) then try_cast(try_cast(${name} as double) as bigint) end)`
  }
  return `try_cast(${name} as ${target})`
}
