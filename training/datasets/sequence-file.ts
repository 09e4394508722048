import { createReadStream } from 'node:fs'
import { AppError } from '../../errors.ts'
import { EventColumns } from './event-columns.ts'
import {
  badLine,
  type FileLine,
  fieldsOf,
  hasOtherSeparator,
  ourSeparators,
  type SequenceForm,
  sequenceForm,
  type TableForm,
} from './sequence-form.ts'
import { timeValue } from './time-value.ts'

/** Lines that tell the form of a file. */
const sampleSize = 200

/**
 * Reads interactions in either of two forms that published splits come in:
 *
 * - `user item item…`        separated by blanks or tabs, items oldest first; a user may have several lines, or a line without items
 * - `user,item[,time]`       comma- or tab-separated; time is a number in any unit or an ISO date, sorted by it when present
 *
 * A table may have a header, which names user, item and perhaps time in any order among others, which are left out; then blanks may separate
 * its columns too. With commas a field may stand in double quotes. Tabs alone do not tell items from a time: where the lines leave it open,
 * the file is refused.
 *
 * The file is read line by line: what is held are numbers, 16 bytes an event, and each id once.
 *
 * @returns events in the order of the file, or of their times, ties as in the file; the time is the position in the file where it has none
 * @throws AppError INPUT_INVALID naming the file and the line; also when no line has a pair of user and item
 */
export async function readSequenceFile(file: string): Promise<EventColumns> {
  const events = new EventColumns()
  let reader: LineReader | undefined
  let firstLine: FileLine | undefined
  let number = 0
  for await (const lines of linesOf(file)) {
    if (reader === undefined) {
      const sample = firstLines(lines, number)
      firstLine = sample[0]
      if (firstLine !== undefined) reader = readerFor(file, events, sequenceForm(file, sample))
    }
    for (const line of lines) {
      number++
      reader?.read(line, number)
    }
  }
  if (reader === undefined || firstLine === undefined) {
    throw new AppError(
      'INPUT_INVALID',
      `${file} is empty; expected lines of \`user item item…\` or \`user,item[,time]\`.`,
    )
  }
  if (events.length === 0) {
    throw badLine(file, firstLine, 'an item behind a user, in this line or one below; no line has a pair of them')
  }
  return reader.isTimed ? sortedByTime(events) : events
}

/** What takes the lines of a file, one after the other. */
interface LineReader {
  /** @param number of the line in the file, from 1 */
  read(line: string, number: number): void
  /** Whether its lines have times. */
  readonly isTimed: boolean
}

const timeKind = (hasDates: boolean | undefined): string => {
  if (hasDates === undefined) return 'a number or an ISO date (2026-01-31, 2026-01-31T12:00:00Z) as time'
  return `${hasDates ? 'an ISO date' : 'a number'} as time, as in the lines before`
}

function firstLines(lines: readonly string[], before: number): FileLine[] {
  const first: FileLine[] = []
  for (const [i, text] of lines.entries()) {
    if (text.trim() !== '') first.push({ number: before + i + 1, text })
    if (first.length === sampleSize) break
  }
  return first
}

const readerFor = (file: string, events: EventColumns, form: SequenceForm): LineReader =>
  form.kind === 'list' ? listReader(file, events) : tableReader(file, events, form)

const listReader = (file: string, events: EventColumns): LineReader => ({
  read(text, number) {
    if (text.includes(',')) {
      throw badLine(file, { number, text }, 'blanks or tabs between user and items, as in the lines before')
    }
    const [user, ...items] = text.trim().split(/\s+/)
    if (user === undefined || user === '') return
    if (items.length === 0 && hasOtherSeparator(user)) throw badLine(file, { number, text }, ourSeparators)
    for (const item of items) events.push(user, item, events.length)
  },
  isTimed: false,
})

function tableReader(file: string, events: EventColumns, form: TableForm): LineReader {
  const { separator, width, columns } = form
  let isHeader = form.headed
  let hasDates: boolean | undefined
  const timeOf = (value: string, line: FileLine): number => {
    const time = timeValue(value)
    const isDate = !Number.isFinite(Number(value))
    if (!Number.isNaN(time)) hasDates ??= isDate
    if (!Number.isNaN(time) && isDate === hasDates) return time
    throw badLine(file, line, timeKind(hasDates))
  }
  return {
    read(text, number) {
      if (text.trim() === '') return
      if (isHeader) {
        isHeader = false
        return
      }
      const line = { number, text }
      const fields = fieldsOf(file, line, separator)
      const user = fields[columns.user]
      const item = fields[columns.item]
      if (fields.length !== width || !user || !item)
        throw badLine(file, line, `${width} columns, user and item not empty`)
      events.push(user, item, columns.time === undefined ? events.length : timeOf(fields[columns.time]!, line))
    },
    isTimed: columns.time !== undefined,
  }
}

/** Stable: rows of equal time keep the order of the file. */
function sortedByTime(events: EventColumns): EventColumns {
  const { userOf, itemOf, times } = events
  if (times.every((time, i) => i === 0 || time >= times[i - 1]!)) return events
  const order = Int32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b)
  const sorted = new EventColumns()
  for (const i of order) sorted.push(events.users.ids[userOf[i]!]!, events.items.ids[itemOf[i]!]!, times[i]!)
  return sorted
}

/** The lines of a file without their ends, at least `sampleSize` at a time but the last. */
async function* linesOf(file: string): AsyncGenerator<readonly string[]> {
  let lines: string[] = []
  let rest = ''
  let isStart = true
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      // Some programs put a byte order mark before the first name.
      const text = isStart ? String(chunk).replace(/^\uFEFF/, '') : String(chunk)
      isStart = false
      const read = (rest + text).split('\n')
      rest = read.pop()!
      lines = lines.concat(read.map(withoutReturn))
      if (lines.length < sampleSize) continue
      yield lines
      lines = []
    }
  } catch (cause) {
    throw new AppError(
      'INPUT_INVALID',
      `Cannot read ${file}: ${(cause as Error).message}. Give the path of a text file.`,
      { cause },
    )
  }
  if (rest !== '') lines.push(withoutReturn(rest))
  if (lines.length > 0) yield lines
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)
