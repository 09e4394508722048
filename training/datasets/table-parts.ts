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
  /** What is taken from the numbers before they become float32, which has seven digits. */
  readonly origin: number
}

/** Larger numbers have squares that float32 cannot hold. */
export const largestNumber = 1e15

/** Words of a string, or the parts of a list in one: `a, b|c` has three. */
export const wordCount = (sql: string): string => `len(regexp_extract_all(${sql}, '[^\\s,;|]+'))`

/** Strings of so many words on average, of which so large a share differ, are prose. */
const proseWords = 3
const proseDistinct = 0.5

/** Numbers whose mean is so many times their deviation keep four digits of it, or fewer, in float32. */
const farFromZero = 1000

/** So large a share of numbers makes a column of words look like a mistake. */
const mostlyNumbers = 0.5

/**
 * Makes the table `rows` of all parts, every column a string: first training, then validation, then test, each in the order of its file.
 *
 * @returns its columns, whose kinds are told from training and validation (what does not fit in the test part is missing there); remarks,
 *          on what may be read otherwise than it was meant; and how many rows each part has
 * @throws AppError INPUT_INVALID for a file that cannot be read, a name that two columns have, and a column that a part lacks
 * @throws AppError DATA_INSUFFICIENT for a part without rows
 */
export async function openParts(
  database: DuckDbDatabase,
  files: PartFiles,
): Promise<{
  columns: readonly TableColumn[]
  remarks: readonly string[]
  counts: Readonly<Record<PartName, number>>
}> {
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
  const known = `rowid < ${counts.train + counts.valid}`
  const columns: TableColumn[] = []
  const remarks: string[] = []
  for (const name of names) {
    const facts = await factsOf(database, quoteName(name), known)
    const kind = nested.includes(name) ? 'nested' : kindOf(facts)
    columns.push({ name, kind, origin: kind === 'number' ? originOf(facts) : 0 })
    remarks.push(...(await remarksOn(database, name, kind, facts)))
  }
  return { columns, remarks, counts }
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
      ? `read_parquet(${literal(file)}, hive_partitioning = false)`
      : `read_csv(${literal(file)}, header = true, all_varchar = true, hive_partitioning = false, nullstr = ${nulls})`
  try {
    await database.run(`create table ${part} as select * from ${scan}`)
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new AppError('INPUT_INVALID', `--${part} ${file} cannot be read: ${reason}`, { cause: error })
  }
  if (extname(file) !== '.parquet') await requireHeader(database, part, file)
  const columns = await database.rows(`describe ${part}`)
  return columns.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
}

/** A name that two columns have would hide one of them; one name with separators in it is a file whose rows differ in length. */
async function requireHeader(database: DuckDbDatabase, part: PartName, file: string): Promise<void> {
  const [header] = await database.rows(
    `select * from read_csv(${literal(file)}, header = false, all_varchar = true, hive_partitioning = false) limit 1`,
  )
  const names = Object.values(header ?? {}).map((name) => String(name ?? ''))
  const twice = names.find((name, i) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < i)
  if (twice !== undefined) {
    throw new AppError('INPUT_INVALID', `--${part} ${file} has two columns ${twice}; expected each name once.`)
  }
  if (names.length === 1 && /[,;\t|]/.test(names[0]!)) {
    throw new AppError(
      'INPUT_INVALID',
      `--${part} ${file} cannot be read: some row has more or fewer fields than the header ${names[0]}.`,
    )
  }
}

interface ColumnFacts {
  /** Of training and validation. */
  readonly known: number
  readonly numbers: number
  readonly moments: number
  readonly truths: number
  readonly mean: number | null
  readonly deviation: number | null
  readonly different: number
  readonly words: number
  /** Of the test part. */
  readonly testKnown: number
  readonly testNumbers: number
  readonly testMoments: number
  readonly testTruths: number
}

async function factsOf(database: DuckDbDatabase, column: string, known: string): Promise<ColumnFacts> {
  const number = `try_cast(${column} as double)`
  const usual = `filter (where ${known} and abs(${number}) <= ${largestNumber})`
  const counts = (part: string, names: readonly [string, string, string, string]): string =>
    [
      `count(${column}) filter (where ${part}) as ${names[0]}`,
      `count(${number}) filter (where ${part}) as ${names[1]}`,
      `count(try_cast(${column} as timestamp)) filter (where ${part}) as ${names[2]}`,
      `count(*) filter (where ${part} and lower(${column}) in ('true', 'false')) as ${names[3]}`,
    ].join(', ')
  const [facts] = await database.rows(
    `select ${counts(known, ['known', 'numbers', 'moments', 'truths'])},
            ${counts(`not ${known}`, ['"testKnown"', '"testNumbers"', '"testMoments"', '"testTruths"'])},
            avg(${number}) ${usual} as mean, stddev_pop(${number}) ${usual} as deviation,
            count(distinct ${column}) filter (where ${known}) as different,
            avg(${wordCount(column)}) filter (where ${known}) as words
     from rows`,
  )
  return facts as unknown as ColumnFacts
}

function kindOf({ known, numbers, moments, truths, different, words }: ColumnFacts): ColumnKind {
  if (known === 0) return 'empty'
  if (numbers === known) return 'number'
  if (truths === known) return 'truth'
  if (moments === known) return 'moment'
  return words >= proseWords && different >= proseDistinct * known ? 'prose' : 'word'
}

/** The mean of numbers that lie far from zero, e.g. of seconds since 1970; 0 of others. */
const originOf = ({ mean, deviation }: ColumnFacts): number =>
  mean !== null && deviation && Math.abs(mean) > farFromZero * deviation ? mean : 0

async function remarksOn(
  database: DuckDbDatabase,
  name: string,
  kind: ColumnKind,
  facts: ColumnFacts,
): Promise<readonly string[]> {
  const column = quoteName(name)
  if (kind === 'word' && facts.numbers > mostlyNumbers * facts.known) {
    const [odd] = await database.rows(
      `select ${column} as odd from rows where ${column} is not null and try_cast(${column} as double) is null limit 1`,
    )
    return [
      `${name} is read as words: ${facts.known - facts.numbers} of ${facts.known} values are no numbers, e.g. ${JSON.stringify(odd!.odd)}`,
    ]
  }
  const fitting = { number: facts.testNumbers, moment: facts.testMoments, truth: facts.testTruths }
  if (!Object.hasOwn(fitting, kind)) return []
  const odd = facts.testKnown - fitting[kind as keyof typeof fitting]
  return odd === 0 ? [] : [`${name}: ${odd} values of the test part are no ${kind} and count as missing`]
}
