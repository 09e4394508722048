import { AppError } from '../../errors.ts'
import { delimitedRows } from './delimited-rows.ts'
import { namedColumns, seemsHeader, understoodHeader } from './header-names.ts'
import { dateValue, timeValue } from './time-value.ts'

/** Blanks stand for tabs and blanks, one or several. */
type Separator = ',' | '\t' | ' '

export interface FileLine {
  /** In the file, from 1. */
  readonly number: number
  readonly text: string
}

/** Lines `user item item…`, or a table with one pair a line. */
export type SequenceForm = { readonly kind: 'list' } | TableForm

export interface TableForm {
  readonly kind: 'table'
  readonly separator: Separator
  /** How many columns each line has. */
  readonly width: number
  readonly columns: { readonly user: number; readonly item: number; readonly time?: number }
  /** Whether its first line is a header. */
  readonly headed: boolean
}

interface SampleLine extends FileLine {
  readonly fields: readonly string[]
}

/** Smaller numbers may be ids: as seconds since 1970 it is March 1973. */
const leastUnixTime = 1e8

/**
 * Tells by its first lines what form a file has.
 *
 * @param sample the first lines that are not blank, at least one; more tell more
 * @throws AppError INPUT_INVALID naming the line, when it is no form we read, or may be two
 */
export function sequenceForm(file: string, sample: readonly FileLine[]): SequenceForm {
  const separator = separatorOf(file, sample[0]!)
  const lines = sample.map((line) => ({ ...line, fields: fieldsOf(file, line, separator) }))
  const [first, ...rest] = lines as [SampleLine, ...SampleLine[]]
  const width = first.fields.length
  const isEven = rest.every(({ fields }) => fields.length === width)
  const { user, item, time } = namedColumns(first.fields)
  // Words in a list of items may happen to be such names.
  if (user !== undefined && item !== undefined && (isEven || separator !== ' ')) {
    const columns = { user, item, ...(time !== undefined && { time }) }
    return { kind: 'table', separator, width, columns, headed: true }
  }
  if (seemsHeader(first.fields) || differsInKind(first, rest)) {
    throw badLine(file, first, `pairs of user and item, or a header that names ${understoodHeader}`)
  }
  if (separator === ' ') return { kind: 'list' }
  if (separator === '\t' && isList(file, first, lines, isEven)) return { kind: 'list' }
  if (width === 2 || width === 3) {
    return { kind: 'table', separator, width, columns: byPosition(width), headed: false }
  }
  throw badLine(
    file,
    first,
    `two or three columns: user, item and perhaps time; more only below a header that names ${understoodHeader}. ` +
      'The items of one user in one line go with blanks between them',
  )
}

/** The fields of a line, trimmed; only with commas quotes hold a field together. */
export function fieldsOf(file: string, { number, text }: FileLine, separator: Separator): readonly string[] {
  if (separator === ' ') return text.trim().split(/\s+/)
  const fields =
    separator === ',' && text.includes('"')
      ? (delimitedRows(file, text, ',', number)[0]?.fields ?? [])
      : text.split(separator)
  return fields.map((field) => field.trim())
}

export const badLine = (file: string, { number, text }: FileLine, expected: string): AppError =>
  new AppError(
    'INPUT_INVALID',
    `${file}, line ${number}: expected ${expected}; got ${JSON.stringify(text.slice(0, 80))}.`,
    { details: { file, line: number } },
  )

/** Whether something likely separates its fields that we do not read: `a;x`, `1::2::5`, `a|x`. */
export const hasOtherSeparator = (text: string): boolean => text.includes(';') || /^\S+(::|\|)\S+$/.test(text.trim())

export const ourSeparators = 'commas, tabs or blanks between user and item, instead of another separator'

function separatorOf(file: string, line: FileLine): Separator {
  if (line.text.includes('\t')) return '\t'
  if (line.text.includes(',')) return ','
  if (hasOtherSeparator(line.text)) throw badLine(file, line, ourSeparators)
  return ' '
}

const byPosition = (width: 2 | 3): TableForm['columns'] =>
  width === 2 ? { user: 0, item: 1 } : { user: 0, item: 1, time: 2 }

/** Words over numbers: in the time, in both ids, or, where it is no chance, in one of them. */
function differsInKind({ fields }: SampleLine, rest: readonly SampleLine[]): boolean {
  const differs = (column: number): boolean =>
    rest.length > 0 &&
    Number.isNaN(timeValue(fields[column] ?? '0')) &&
    rest.every((line) => !Number.isNaN(timeValue(line.fields[column] ?? '')))
  const [user, item, time] = [differs(0), differs(1), fields.length === 3 && differs(2)]
  return time || (user && item) || ((user || item) && rest.length >= 3)
}

/** Whether tabs separate the items of one user, and not the columns of a table. */
function isList(file: string, first: SampleLine, lines: readonly SampleLine[], isEven: boolean): boolean {
  const behind = lines.flatMap(({ fields }) => fields.slice(2))
  if (behind.length === 0) return false
  if (behind.every((field) => Number.isNaN(timeValue(field)))) return true
  const hasTimes = behind.some(isTime) && !lines.some(({ fields }) => isTime(fields[1] ?? ''))
  // A table with a faulty line is no list: the line is named when it is read.
  if (!isEven && hasTimes) return false
  const width = Math.max(...lines.map(({ fields }) => fields.length))
  if (!isEven && width > 3) return true
  const usersRecur = new Set(lines.map(({ fields }) => fields[0])).size < lines.length
  if (isEven && width === 3 && (usersRecur || hasTimes)) return false
  throw badLine(
    file,
    first,
    'a form that can be told: what stands behind the second tab may be an item or a time. Put blanks instead of tabs between the items ' +
      `of one user, or above a table a header that names ${understoodHeader}`,
  )
}

/** Whether it is no likely id. */
const isTime = (field: string): boolean => Number(field) >= leastUnixTime || !Number.isNaN(dateValue(field))
