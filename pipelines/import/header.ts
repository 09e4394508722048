import { AppError } from '../../errors.ts'
import type { NumberedText } from './numbered-text.ts'

/** The names in a file's header line, without quotes and outer spaces. */
export function headerOf(text: NumberedText): string[] {
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
  const repeated = names.filter((name, at) => names.indexOf(name) !== at)
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
