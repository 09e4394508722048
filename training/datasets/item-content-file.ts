import { readFile } from 'node:fs/promises'
import { AppError } from '../../errors.ts'
import type { ItemContent } from '../families/family.ts'
import { type DelimitedRow, delimitedRows } from './delimited-rows.ts'
import { idMismatch } from './id-mismatch.ts'

type ColumnType = 'text' | 'category' | 'number'

/** What a header may say behind a colon: our words, and those of RecBole's files. */
const typeNames: Readonly<Record<string, ColumnType>> = {
  text: 'text',
  category: 'category',
  number: 'number',
  token_seq: 'text',
  token: 'category',
  float: 'number',
}

/** A file that says what is known of items, split into fields. */
export interface ItemContentFile {
  readonly file: string
  readonly header: DelimitedRow | undefined
  readonly rows: readonly DelimitedRow[]
}

/**
 * Opens a comma- or tab-separated file with a header and the item's id in the first column.
 *
 * @throws AppError INPUT_INVALID when it cannot be read
 */
export async function openItemContentFile(file: string): Promise<ItemContentFile> {
  const text = await readText(file)
  const [header, ...rows] = delimitedRows(file, text, firstLine(text).includes('\t') ? '\t' : ',')
  return { file, header, rows }
}

/** The items of such a file, in its order. */
export const listedItems = ({ rows }: ItemContentFile): readonly string[] => rows.map(({ fields }) => fields[0]!.trim())

/**
 * What the file knows of items. One without a header is refused: nothing would say what its columns hold.
 *
 * A header `name:type` says what a column holds: `text`, `category` (several separated by `|`) or `number`. Without a type its values say
 * it: all are numbers; or they are short and recur, or have a `|`; or it is text. All text columns make one text.
 *
 * @param itemIds the items to describe, in the order of their indices; lines of other items are left out, items without a line stay empty
 * @throws AppError INPUT_INVALID naming the file and the line; also when no line is of an item, or the header begins with an item's id or a number
 */
export function itemContent({ file, header, rows }: ItemContentFile, itemIds: readonly string[]): ItemContent {
  if (header === undefined || header.fields.length < 2) {
    throw new AppError(
      'INPUT_INVALID',
      `${file}, line ${header?.line ?? 1}: expected a header with the item's id and one column more, separated by commas or tabs, e.g. item,title,genre:category.`,
    )
  }
  const firstName = header.fields[0]!.trim()
  if (itemIds.includes(firstName) || isNumber(firstName)) {
    throw badLine(
      file,
      header,
      `a header that names the columns, e.g. item,title,genre:category; its first name is ${JSON.stringify(firstName)}, which is ` +
        `${itemIds.includes(firstName) ? 'the id of an item' : 'a number'}. Put a header above it`,
    )
  }
  const lineOf = linesById(file, header, rows)
  const known = itemIds.map((id) => lineOf.get(id))
  if (known.every((row) => row === undefined)) {
    const unlike = rows.length === 0 ? 'it has no line below the header.' : idMismatch(itemIds, [...lineOf.keys()])
    throw new AppError('INPUT_INVALID', `${file} describes none of the ${itemIds.length} items: ${unlike}`)
  }
  const texts: (readonly string[])[] = []
  const categories: Record<string, readonly string[]> = {}
  const numbers: Record<string, Float32Array> = {}
  for (let column = 1; column < header.fields.length; column++) {
    const { name, type } = columnOf(file, header, column, rows)
    if (type === 'number') {
      numbers[name] = Float32Array.from(known, (row) =>
        row === undefined ? Number.NaN : numberIn(file, header, row, column),
      )
    } else {
      const values = known.map((row) => (row === undefined ? '' : valueAt(row, column)))
      if (type === 'category') categories[name] = values
      else texts.push(values)
    }
  }
  return {
    texts: itemIds.map((_, i) =>
      texts
        .map((values) => values[i])
        .join(' ')
        .trim(),
    ),
    categories,
    numbers,
  }
}

const valueAt = ({ fields }: DelimitedRow, column: number): string => fields[column]!.trim()

const firstLine = (text: string): string => /\S[^\n]*/.exec(text)?.[0] ?? ''

function linesById(file: string, header: DelimitedRow, rows: readonly DelimitedRow[]): Map<string, DelimitedRow> {
  const byId = new Map<string, DelimitedRow>()
  for (const row of rows) {
    const id = row.fields[0]!.trim()
    const before = byId.get(id)
    if (row.fields.length !== header.fields.length || id === '') {
      throw badLine(
        file,
        row,
        `${header.fields.length} columns as in the header, the first not empty; got ${row.fields.length}`,
      )
    }
    if (before !== undefined)
      throw badLine(file, row, `one line for each item; ${id} is in line ${before.line} already`)
    byId.set(id, row)
  }
  return byId
}

function columnOf(
  file: string,
  header: DelimitedRow,
  column: number,
  rows: readonly DelimitedRow[],
): { name: string; type: ColumnType } {
  const [name, given] = header.fields[column]!.trim().split(':') as [string, string?]
  if (given === undefined) return { name, type: typeByValues(rows.map((row) => valueAt(row, column))) }
  const type = Object.hasOwn(typeNames, given) ? typeNames[given] : undefined
  if (type !== undefined) return { name, type }
  throw badLine(file, header, `one of ${Object.keys(typeNames).join(', ')} as the type of ${name}; got ${given}`)
}

/** Longer values are sentences, which do not recur. */
const longestCategory = 40

function typeByValues(values: readonly string[]): ColumnType {
  const given = values.filter((value) => value !== '')
  if (given.length > 0 && given.every(isNumber)) return 'number'
  const singles = given.flatMap((value) => value.split('|'))
  const recur = new Set(singles).size <= singles.length / 2
  const short = singles.every((value) => value.length <= longestCategory)
  return short && (recur || singles.length > given.length) ? 'category' : 'text'
}

const isNumber = (value: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)

function numberIn(file: string, header: DelimitedRow, row: DelimitedRow, column: number): number {
  const value = valueAt(row, column)
  if (value === '') return Number.NaN
  if (isNumber(value)) return Number(value)
  throw badLine(file, row, `a number or nothing as ${header.fields[column]}; got ${JSON.stringify(value.slice(0, 40))}`)
}

const badLine = (file: string, { line }: DelimitedRow, expected: string): AppError =>
  new AppError('INPUT_INVALID', `${file}, line ${line}: expected ${expected}.`, { details: { file, line } })

async function readText(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError(
      'INPUT_INVALID',
      `Cannot read ${file}: ${(cause as Error).message}. Give the path of a text file.`,
      { cause },
    )
  })
  // Some programs put a byte order mark before the first name.
  return text.replace(/^\uFEFF/, '')
}
