import { AppError } from '../../errors.ts'
import { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'
import type { ColumnType } from '../../features/sources/mart-source.ts'
import { quoteName } from '../../features/sources/sql-text.ts'
import {
  largestNumber,
  openParts,
  type PartFiles,
  type PartName,
  partNames,
  type TableColumn,
  wordCount,
} from './table-parts.ts'
import type { TabularColumns } from './tabular-columns.ts'

/** `binary` targets are 1 and 0. */
export type PredictionTask = 'regression' | 'binary'

/** What is foretold, by which columns. */
export interface PredictionColumns {
  readonly target: string
  readonly task: PredictionTask
  /** Whom or what a row is of. */
  readonly group?: string | undefined
  /** When a row was: its hour and weekday are features, it itself is none. */
  readonly time?: string | undefined
  /** Columns that are not to be read: other targets, and what nobody knows beforehand. */
  readonly leaveOut: readonly string[]
}

/** Rows of all parts: first training, then validation, then test. */
export interface PredictionTable extends TabularColumns {
  readonly numericNames: readonly string[]
  readonly categoricalNames: readonly string[]
  /** `[texts][rowCount]`; `''` = unknown */
  readonly texts: readonly (readonly string[])[]
  readonly textNames: readonly string[]
  /** `[rowCount]` */
  readonly target: Float64Array
  /** `[rowCount]`, the number of each row's group. */
  readonly groups: Int32Array | undefined
  readonly parts: Readonly<Record<PartName, Int32Array>>
  /** Columns that are not read, and why. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
  /** What may be read otherwise than it was meant. */
  readonly remarks: readonly string[]
}

const memoryMb = 2048

/** One column of the table as SQL. */
interface Expression {
  readonly name: string
  readonly sql: string
}

/**
 * Reads a table in three files. Numbers and truth values become numeric features, strings and identifiers categorical ones, moments their
 * hour and weekday; of prose there are the texts themselves, their length and what they are made of. An empty cell, NA, NaN, null and None
 * are missing, and so is a number beyond ±10¹⁵.
 *
 * @throws AppError INPUT_INVALID | DATA_INSUFFICIENT, see `openParts`; for a column that is not there; for a target that is missing,
 *         beyond ±10¹⁵ or, where the task is binary, neither 0 nor 1, naming file and row
 */
export async function readPredictionTable(files: PartFiles, wanted: PredictionColumns): Promise<PredictionTable> {
  const database = await DuckDbDatabase.open({ path: ':memory:', memoryMb })
  try {
    const { columns, remarks, counts } = await openParts(database, files)
    requireColumns(files.train, columns, wanted)
    const features = featuresOf(columns, wanted)
    requireFeatures(files.train, features, wanted)
    const parts = partsOf(counts)
    const read = await readRows(
      database,
      features,
      wanted,
      partNames.reduce((sum, part) => sum + counts[part], 0),
    )
    requireTarget(read.target, parts, files, wanted)
    return {
      ...read,
      parts,
      featureCount: features.numeric.length,
      numericNames: features.numeric.map(({ name }) => name),
      categoricalNames: features.categorical.map(({ name }) => name),
      textNames: features.texts.map(({ name }) => name),
      leftOut: features.leftOut,
      remarks: [
        ...remarks.filter(
          (remark) => !wanted.leaveOut.some((name) => remark.startsWith(`${name} `) || remark.startsWith(`${name}:`)),
        ),
        ...features.remarks,
      ],
    }
  } finally {
    await database.close()
  }
}

function requireColumns(file: string, columns: readonly TableColumn[], wanted: PredictionColumns): void {
  const names = columns.map(({ name }) => name)
  const flags = { target: [wanted.target], group: [wanted.group], time: [wanted.time], 'leave-out': wanted.leaveOut }
  for (const [flag, its] of Object.entries(flags)) {
    const unknown = its.find((name) => name !== undefined && !names.includes(name))
    if (unknown === undefined) continue
    throw new AppError('INPUT_INVALID', `${file} has no column ${unknown} (--${flag}); it has ${names.join(', ')}.`)
  }
}

function requireFeatures(file: string, { numeric, categorical, texts }: Features, { target }: PredictionColumns): void {
  if (numeric.length + categorical.length + texts.length > 0) return
  throw new AppError(
    'DATA_INSUFFICIENT',
    `${file} has no column to foretell ${target} from; expected one beside what is left out.`,
  )
}

interface Features {
  readonly numeric: readonly Expression[]
  readonly categorical: readonly Expression[]
  readonly texts: readonly Expression[]
  readonly leftOut: PredictionTable['leftOut']
  readonly remarks: readonly string[]
}

/** Whether a column names someone or something, be it by numbers: the group, and what is called an id (`id`, `author_id`, `userId`). */
const isIdentifier = (name: string, group: string | undefined): boolean =>
  name === group || /(^|[^a-z])id$/i.test(name) || /[a-z]I[Dd]$/.test(name)

/** What each column is to a model, the target apart. */
function featuresOf(columns: readonly TableColumn[], { target, time, leaveOut, group }: PredictionColumns): Features {
  const numeric: Expression[] = []
  const categorical: Expression[] = []
  const texts: Expression[] = []
  const leftOut: { name: string; reason: string }[] = []
  const remarks: string[] = []
  for (const { name, kind, origin } of columns) {
    const sql = quoteName(name)
    if (name === target || leaveOut.includes(name)) continue
    if (kind === 'moment') {
      categorical.push(
        { name: `weekday of ${name}`, sql: `dayname(try_cast(${sql} as timestamp))` },
        { name: `hour of ${name}`, sql: `hour(try_cast(${sql} as timestamp))` },
      )
    } else if (name === time) {
      remarks.push(`${name} is no moment such as 2024-03-04 05:06:07: there is no hour and no weekday of it`)
    } else if (kind === 'number' && isIdentifier(name, group)) categorical.push({ name, sql })
    else if (kind === 'number') numeric.push({ name, sql: `try_cast(${sql} as double) - ${origin}` })
    else if (kind === 'truth') numeric.push({ name, sql: `cast(try_cast(${sql} as boolean) as double)` })
    else if (kind === 'word') categorical.push({ name, sql })
    else if (kind === 'prose') {
      texts.push({ name, sql })
      numeric.push(...formOf(name, sql))
    } else leftOut.push({ name, reason: `it is ${kind}` })
  }
  return { numeric, categorical, texts, leftOut, remarks }
}

/** What a text looks like. */
const formOf = (name: string, sql: string): readonly Expression[] => [
  { name: `characters of ${name}`, sql: `cast(length(${sql}) as double)` },
  { name: `words of ${name}`, sql: `cast(${wordCount(sql)} as double)` },
  {
    name: `share of capitals of ${name}`,
    sql: `length(regexp_replace(${sql}, '[^\\p{Lu}]', '', 'g')) / length(${sql})`,
  },
  { name: `share of digits of ${name}`, sql: `length(regexp_replace(${sql}, '[^0-9]', '', 'g')) / length(${sql})` },
  { name: `marks of ${name}`, sql: `cast(length(regexp_replace(${sql}, '[^!?]', '', 'g')) as double)` },
]

async function readRows(
  database: DuckDbDatabase,
  { numeric, categorical, texts }: Features,
  { target, group }: PredictionColumns,
  rowCount: number,
): Promise<Pick<PredictionTable, 'rowCount' | 'numeric' | 'categorical' | 'texts' | 'target' | 'groups'>> {
  const width = numeric.length
  const values = new Float32Array(rowCount * width)
  const strings = [...categorical, ...texts]
  const read = strings.map(() => new Array<string>(rowCount))
  const outcome = new Float64Array(rowCount)
  const groups = group === undefined ? undefined : new Int32Array(rowCount)
  const expressions = [
    ...numeric.map(({ sql }, i) => `${sql} as n${i}`),
    ...strings.map(({ sql }, i) => `${sql} as s${i}`),
    `case lower(${quoteName(target)}) when 'true' then 1 when 'false' then 0 else try_cast(${quoteName(target)} as double) end as y`,
    group === undefined ? '0 as g' : `dense_rank() over (order by ${quoteName(group)}) as g`,
  ]
  const types: Record<string, ColumnType> = {
    ...Object.fromEntries(numeric.map((_, i) => [`n${i}`, 'float64'])),
    ...Object.fromEntries(strings.map((_, i) => [`s${i}`, 'string'])),
    y: 'float64',
    g: 'int32',
  }
  let start = 0
  for await (const batch of database.read(`select ${expressions.join(', ')} from rows order by rowid`, types)) {
    for (let i = 0; i < width; i++) {
      const column = batch.columns[`n${i}`] as Float64Array
      for (let row = 0; row < batch.rowCount; row++) {
        values[(start + row) * width + i] = Math.abs(column[row]!) <= largestNumber ? column[row]! : Number.NaN
      }
    }
    for (const [i, column] of read.entries()) {
      const its = batch.columns[`s${i}`] as string[]
      for (let row = 0; row < batch.rowCount; row++) column[start + row] = its[row]!
    }
    outcome.set(batch.columns.y as Float64Array, start)
    groups?.set(batch.columns.g as Int32Array, start)
    start += batch.rowCount
  }
  const categories = read.slice(0, categorical.length)
  return {
    rowCount,
    numeric: values,
    categorical: categories,
    texts: read.slice(categorical.length),
    target: outcome,
    groups,
  }
}

function partsOf(counts: Readonly<Record<PartName, number>>): PredictionTable['parts'] {
  let start = 0
  const rowsOf = (part: PartName): Int32Array => {
    const from = start
    start += counts[part]
    return Int32Array.from({ length: counts[part] }, (_, row) => from + row)
  }
  return { train: rowsOf('train'), valid: rowsOf('valid'), test: rowsOf('test') }
}

function requireTarget(
  outcome: Float64Array,
  parts: PredictionTable['parts'],
  files: PartFiles,
  { target, task }: PredictionColumns,
): void {
  const isFit = (value: number): boolean =>
    task === 'binary' ? value === 0 || value === 1 : Math.abs(value) <= largestNumber
  for (const part of partNames) {
    const row = parts[part].findIndex((at) => !isFit(outcome[at]!))
    if (row < 0) continue
    const value = outcome[parts[part][row]!]!
    throw new AppError(
      'INPUT_INVALID',
      `${files[part]}, row ${row + 1}: ${target} is ${Number.isNaN(value) ? 'missing, or no number' : value}; expected ${task === 'binary' ? '0 or 1' : 'a number within ±10¹⁵'}.`,
    )
  }
  const first = outcome[parts.train[0]!]!
  if (parts.train.every((row) => outcome[row] === first)) {
    throw new AppError(
      'DATA_INSUFFICIENT',
      `${target} is ${first} in every row of ${files.train}; there is nothing to learn.`,
    )
  }
}
