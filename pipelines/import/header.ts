import { AppError } from '../../errors.ts'
import type { NumberedText } from './numbered-text.ts'

/** The names in a file's header line, without quotes and outer spaces; a field without one is `column 1` and so on. */
export const headerOf = (text: NumberedText): string[] =>
  headerFields(text).map((name, index) => name || `column ${index + 1}`)

function headerFields(text: NumberedText): string[] {
  if (!text.quoted) return text.firstRecord.split(text.separator).map((name) => name.trim())
  const names: string[] = []
  const field = new RegExp(`("(?:[^"]|"")*"|[^${text.separator}]*)(?:${text.separator}|$)`, 'gy')
  for (let match = field.exec(text.firstRecord); match !== null; match = field.exec(text.firstRecord)) {
    names.push(
      match[1]!
        .replace(/^"(.*)"$/s, '$1')
        .replaceAll('""', '"')
        .trim(),
    )
    if (field.lastIndex === text.firstRecord.length && !match[0].endsWith(text.separator)) break
  }
  return names
}

/**
 * Checks that a header has the columns an import needs.
 *
 * @returns the header's names
 * @throws AppError INPUT_INVALID naming what is missing and what the file has
 */
export function requireColumns(text: NumberedText, needed: readonly string[]): string[] {
  const names = headerOf(text)
  const missing = needed.filter((name) => !names.includes(name))
  // DuckDB does not tell `Id` from `id`.
  const lower = names.map((name) => name.toLowerCase())
  const repeated = names.filter((_, at) => lower.indexOf(lower[at]!) !== at)
  if (missing.length === 0 && repeated.length === 0) return names
  const problem =
    missing.length > 0
      ? `expected the columns ${needed.join(', ')}; missing: ${missing.join(', ')}`
      : `each column name once; repeated: ${repeated.join(', ')}`
  throw new AppError(
    'INPUT_INVALID',
    `${text.source}: ${problem}. Its first line is: ${text.firstRecord.slice(0, 200) || '(empty file)'}. Nothing was imported.`,
    { details: { file: text.source, missing, found: names } },
  )
}
