import { createReadStream } from 'node:fs'
import { AppError } from '../../errors.ts'
import { EventColumns } from './event-columns.ts'

/**
 * Reads interactions in either of two forms that published splits come in:
 *
 * - `user item item…`        separated by blanks, items oldest first; a user may have several lines, or a line without items
 * - `user,item[,time]`       comma- or tab-separated, with or without a header line; time in any unit, sorted by it when present
 *
 * The file is read line by line: what is held are numbers, 16 bytes an event, and each id once.
 *
 * @returns events in the order of the file, or of their times, ties as in the file; the time is the position in the file where it has none
 * @throws AppError INPUT_INVALID naming the file and the line
 */
export async function readSequenceFile(file: string): Promise<EventColumns> {
  const events = new EventColumns()
  let reader: LineReader | undefined
  let number = 0
  for await (const line of linesOf(file)) {
    number++
    if (reader === undefined && line.trim() !== '') reader = readerFor(file, events, line)
    reader?.read(line, number)
  }
  if (reader === undefined) {
    throw new AppError(
      'INPUT_INVALID',
      `${file} is empty; expected lines of \`user item item…\` or \`user,item[,time]\`.`,
    )
  }
  return reader.isTimed() ? sortedByTime(events) : events
}

/** What takes the lines of a file, one after the other. */
interface LineReader {
  /** @param number of the line in the file, from 1 */
  read(line: string, number: number): void
  /** Whether its lines have times. */
  isTimed(): boolean
}

function readerFor(file: string, events: EventColumns, firstLine: string): LineReader {
  const separator = firstLine.includes('\t') ? '\t' : ','
  return firstLine.includes(separator) ? tableReader(file, events, separator) : listReader(file, events)
}

const listReader = (file: string, events: EventColumns): LineReader => ({
  read(line, number) {
    if (line.includes(',')) throw badLine(file, number, line, 'blanks between user and items, as in the lines before')
    const [user, ...items] = line.trim().split(/\s+/)
    if (user === undefined || user === '') return
    for (const item of items) events.push(user, item, events.length)
  },
  isTimed: () => false,
})

function tableReader(file: string, events: EventColumns, separator: string): LineReader {
  let width = 0
  return {
    read(line, number) {
      if (line.trim() === '') return
      const fields = line.split(separator).map((field) => field.trim())
      if (width === 0) {
        width = fields.length
        if (width < 2 || width > 3)
          throw badLine(file, number, line, 'two or three columns: user, item and perhaps time')
        if (isHeader(fields)) return
      }
      const [user, item, time] = fields
      if (fields.length !== width || !user || !item) throw badLine(file, number, line, `${width} columns, none empty`)
      if (time !== undefined && (time === '' || !Number.isFinite(Number(time))))
        throw badLine(file, number, line, 'a number as time')
      events.push(user, item, time === undefined ? events.length : Number(time))
    },
    isTimed: () => width === 3,
  }
}

/** A header names its columns; ids of users and items may be words too, so only the usual names count. */
const isHeader = ([user, item]: readonly string[]): boolean =>
  /^"?user(_?id)?(:token)?"?$/i.test(user ?? '') && /^"?(item|content|movie)(_?id)?(:token)?"?$/i.test(item ?? '')

/** Stable: rows of equal time keep the order of the file. */
function sortedByTime(events: EventColumns): EventColumns {
  const { userOf, itemOf, times } = events
  if (times.every((time, i) => i === 0 || time >= times[i - 1]!)) return events
  const order = Int32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b)
  const sorted = new EventColumns()
  for (const i of order) sorted.push(events.users.ids[userOf[i]!]!, events.items.ids[itemOf[i]!]!, times[i]!)
  return sorted
}

/** The lines of a file without their ends. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop()!
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
    }
  } catch (cause) {
    throw new AppError(
      'INPUT_INVALID',
      `Cannot read ${file}: ${(cause as Error).message}. Give the path of a text file.`,
      { cause },
    )
  }
  if (rest !== '') yield rest
}

const badLine = (file: string, line: number, text: string, expected: string): AppError =>
  new AppError(
    'INPUT_INVALID',
    `${file}, line ${line}: expected ${expected}; got ${JSON.stringify(text.slice(0, 80))}.`,
    { details: { file, line } },
  )
