import { readFile } from 'node:fs/promises'
import { AppError } from '../../errors.ts'

/** Events of a file in its own order, before they are grouped: user, item, time (the position in the file where it has none). */
export interface SequenceFile {
  readonly userIds: string[]
  readonly itemIds: string[]
  readonly times: number[]
}

/**
 * Reads interactions in either of two forms that published splits come in:
 *
 * - `user item item…`        separated by blanks, items oldest first; a user may have several lines, or a line without items
 * - `user,item[,time]`       comma- or tab-separated, with or without a header line; time in any unit, sorted by it when present
 *
 * @throws AppError INPUT_INVALID naming the file and the line
 */
export async function readSequenceFile(file: string): Promise<SequenceFile> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError(
      'INPUT_INVALID',
      `Cannot read ${file}: ${(cause as Error).message}. Give the path of a text file.`,
      { cause },
    )
  })
  const lines = text.split(/\r?\n/)
  const first = lines.find((line) => line.trim() !== '')
  if (first === undefined)
    throw new AppError(
      'INPUT_INVALID',
      `${file} is empty; expected lines of \`user item item…\` or \`user,item[,time]\`.`,
    )
  const separator = first.includes('\t') ? '\t' : ','
  return first.includes(separator) ? parseTable(file, lines, separator) : parseLists(file, lines)
}

function parseLists(file: string, lines: readonly string[]): SequenceFile {
  const columns: SequenceFile = { userIds: [], itemIds: [], times: [] }
  for (const [i, line] of lines.entries()) {
    if (line.includes(',')) throw badLine(file, i, line, 'blanks between user and items, as in the lines before')
    const [user, ...items] = line.trim().split(/\s+/)
    if (user === undefined || user === '') continue
    for (const item of items) push(columns, user, item, columns.times.length)
  }
  return columns
}

function parseTable(file: string, lines: readonly string[], separator: string): SequenceFile {
  const columns: SequenceFile = { userIds: [], itemIds: [], times: [] }
  let width = 0
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    const fields = line.split(separator).map((field) => field.trim())
    if (width === 0) {
      width = fields.length
      if (width < 2 || width > 3) throw badLine(file, i, line, 'two or three columns: user, item and perhaps time')
      if (isHeader(fields)) continue
    }
    const [user, item, time] = fields
    if (fields.length !== width || !user || !item) throw badLine(file, i, line, `${width} columns, none empty`)
    if (time !== undefined && (time === '' || !Number.isFinite(Number(time))))
      throw badLine(file, i, line, 'a number as time')
    push(columns, user, item, time === undefined ? columns.times.length : Number(time))
  }
  return width === 3 ? sortedByTime(columns) : columns
}

/** A header names its columns; ids of users and items may be words too, so only the usual names count. */
const isHeader = ([user, item]: readonly string[]): boolean =>
  /^"?user(_?id)?(:token)?"?$/i.test(user ?? '') && /^"?(item|content|movie)(_?id)?(:token)?"?$/i.test(item ?? '')

function push(columns: SequenceFile, user: string, item: string, time: number): void {
  columns.userIds.push(user)
  columns.itemIds.push(item)
  columns.times.push(time)
}

/** Stable: rows of equal time keep the order of the file. */
function sortedByTime({ userIds, itemIds, times }: SequenceFile): SequenceFile {
  const order = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]!)
  return {
    userIds: order.map((i) => userIds[i]!),
    itemIds: order.map((i) => itemIds[i]!),
    times: order.map((i) => times[i]!),
  }
}

const badLine = (file: string, index: number, line: string, expected: string): AppError =>
  new AppError(
    'INPUT_INVALID',
    `${file}, line ${index + 1}: expected ${expected}; got ${JSON.stringify(line.slice(0, 80))}.`,
    {
      details: { file, line: index + 1 },
    },
  )
