import { extname } from 'node:path'
import { AppError } from '../../errors.ts'
import type { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import { literal, quoteName } from '../../features/sources/sql-text.ts'

export const partNames = ['train', 'valid', 'test'] as const
export type PartName = (typeof partNames)[number]

/** A file for each part of a table: Parquet by its name, else CSV, either with `.gz` behind it. */
export type PartFiles = Readonly<Record<PartName, string>>

/** What the values of a column are; `nested` for lists and the like, `empty` where all are missing. */
type ColumnKind = 'number' | 'truth' | 'moment' | 'word' | 'prose' | 'nested' | 'empty'

export interface TableColumn {
  readonly name: string
  readonly kind: ColumnKind
}

/** Words of a string, or the parts of a list in one: `a, b|c` has three. */
export const wordCount = (sql: string): string => `len(regexp_extract_all(${sql}, '[^\\s,;|]+'))`

/** Strings of so many words on average, of which so large a share differ, are prose. */
const proseWords = 3
const proseDistinct = 0.5

/**
 * Makes the table `rows` of all parts, every column a string: first training, then validation, then test, each in the order of its file.
 *
 * @returns its columns, whose kinds are told from all rows, so that no two parts can differ, and how many rows each part has
 * @throws AppError INPUT_INVALID for a file that cannot be read, and for a column that a part lacks
 * @throws AppError DATA_INSUFFICIENT for a part without rows
 */
export async function openParts(
  database: DuckDbDatabase,
  files: PartFiles,
): Promise<{ columns: readonly TableColumn[]; counts: Readonly<Record<PartName, number>> }> {
  const counts = { train: 0, valid: 0, test: 0 }
  let names: readonly string[] = []
  let nested: readonly string[] = []
  for (const part of partNames) {
    const file = files[part]
    const own = await readFile(database, part, file)
    if (part === 'train') {
      names = own.map(({ name }) => name)
      nested = own.filter(({ type }) => /[[(]/.test(type) && !type.startsWith('DECIMAL')).map(({ name }) => name)
    }
    const lacking = names.filter((name) => own.every((column) => column.name !== name))
    if (lacking.length > 0) {
      throw new AppError('INPUT_INVALID', `${file} has no column ${lacking.join(', ')}; ${files.train} has.`)
    }
    const [row] = await database.rows(`select count(*) as n from ${part}`)
    counts[part] = Number(row!.n)
    if (counts[part] === 0) {
      throw new AppError('DATA_INSUFFICIENT', `${file} has no rows; expected some in each part.`)
    }
  }
  const list = names.map((name) => `cast(${quoteName(name)} as varchar) as ${quoteName(name)}`).join(', ')
  await database.run(
    `create table rows as ${partNames.map((part) => `select ${list} from ${part}`).join(' union all ')}`,
  )
  const columns: TableColumn[] = []
  for (const name of names) {
    columns.push({ name, kind: nested.includes(name) ? 'nested' : await kindOf(database, quoteName(name)) })
  }
  return { columns, counts }
}

const missing = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None']

/** Makes the table of one part. @returns its columns */
async function readFile(
  database: DuckDbDatabase,
  part: PartName,
  file: string,
): Promise<readonly { readonly name: string; readonly type: string }[]> {
  const nulls = `[${missing.map(literal).join(', ')}]`
  const scan =
    extname(file) === '.parquet'
      ? `read_parquet(${literal(file)})`
      : `read_csv(${literal(file)}, header = true, all_varchar = true, nullstr = ${nulls})`
  try {
    await database.run(`create table ${part} as select * from ${scan}`)
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new AppError('INPUT_INVALID', `--${part} ${file} cannot be read: ${reason}`, { cause: error })
  }
  const columns = await database.rows(`describe ${part}`)
  return columns.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
}

async function kindOf(database: DuckDbDatabase, column: string): Promise<ColumnKind> {
  const [facts] = await database.rows(
    `select count(${column}) as known, count(try_cast(${column} as double)) as numbers,
            count(try_cast(${column} as timestamp)) as moments,
            count(*) filter (where lower(${column}) in ('true', 'false')) as truths
     from rows`,
  )
  const { known, numbers, moments, truths } = facts as Record<string, number>
  if (known === 0) return 'empty'
  if (numbers === known) return 'number'
  if (truths === known) return 'truth'
  if (moments === known) return 'moment'
  const [strings] = await database.rows(
    `select count(distinct ${column}) as different, avg(${wordCount(column)}) as words from rows`,
  )
  const { different, words } = strings as Record<string, number>
  return words! >= proseWords && different! >= proseDistinct * known! ? 'prose' : 'word'
}
