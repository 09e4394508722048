import { AppError } from '../../errors.ts'

export interface DelimitedRow {
  /** In the file, from 1; of the row's first line. */
  readonly line: number
  readonly fields: readonly string[]
}

/**
 * The rows of a text with separators; empty lines are left out.
 *
 * With commas a field may stand in double quotes, and then hold commas, line ends and doubled quotes (RFC 4180). With tabs quotes are
 * characters as any other.
 *
 * @param startLine where in the file the text begins
 * @throws AppError INPUT_INVALID when a quote is never closed, naming the line where it opens
 */
export function delimitedRows(file: string, text: string, separator: ',' | '\t', startLine = 1): DelimitedRow[] {
  if (separator === '\t' || !text.includes('"')) {
    return text
      .split(/\r?\n/)
      .map((line, i) => ({ line: startLine + i, fields: line.split(separator) }))
      .filter(({ fields }) => fields.length > 1 || fields[0]!.trim() !== '')
  }
  const rows: DelimitedRow[] = []
  let fields: string[] = []
  let line = startLine
  let startedAt = startLine
  // A field, quoted or not, and what ends it: a separator, a line end, or the end of the text.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  while (field.lastIndex < text.length || fields.length > 0) {
    const found = field.exec(text)
    if (found === null) {
      throw new AppError(
        'INPUT_INVALID',
        `${file}, line ${line}: a quote is not closed, or stands within a field; put such a field in double quotes, and double those in it.`,
        { details: { file, line } },
      )
    }
    const [whole, quoted, plain, end] = found as unknown as [string, string | undefined, string | undefined, string]
    fields.push(quoted?.replaceAll('""', '"') ?? plain!)
    line += whole.split('\n').length - 1
    if (end === ',') continue
    if (fields.length > 1 || fields[0]!.trim() !== '') rows.push({ line: startedAt, fields })
    fields = []
    startedAt = line
    if (end === '') break
  }
  return rows
}
