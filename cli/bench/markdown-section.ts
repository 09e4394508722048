import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { AppError } from '../../errors.ts'

/** A table in a Markdown file, between marks of its name. */
export interface MarkdownSection {
  readonly name: string
  /** What stands above the table: the command that makes it, and on what. */
  readonly intro: string
  readonly header: readonly string[]
  /** The first cell says what a row is of; several may be of one. */
  readonly rows: readonly (readonly string[])[]
  /** First cells in the order of the table. */
  readonly order: readonly string[]
}

/**
 * Puts rows into a table, in the place of those of the same first cell; others stay, and whatever else the file says. Each is a run of its own,
 * so that a table can be made again row by row. Without the marks, at the end of the file.
 *
 * Where the old table has other columns, its rows cannot stand beside the new ones: they go.
 */
export async function writeSection(file: string, { name, intro, header, rows, order }: MarkdownSection): Promise<void> {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
  const old = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const from = old.indexOf(begin)
  const to = old.indexOf(end)
  const marked = from >= 0 && to > from
  const kept = marked ? linesBelow(tableLine(header), old.slice(from, to)) : new Map<string, string[]>()
  for (const [first] of rows) kept.set(first!, [])
  for (const row of rows) kept.get(row[0]!)!.push(tableLine(row))
  const section = [
    begin,
    '',
    intro,
    '',
    tableLine(header),
    tableLine(header.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...order.flatMap((first) => kept.get(first) ?? []),
    '',
    end,
  ].join('\n')
  const text = marked ? old.slice(0, from) + section + old.slice(to + end.length) : `${old}\n${section}\n`
  // A reader, or a second run, never sees half of it.
  await writeFile(`${file}.part`, text)
  await rename(`${file}.part`, file)
}

/** Finds out before the work is done, not after it. @throws AppError CONFIG_INVALID when the file, or its folder, cannot be written */
export async function requireWritable(file: string): Promise<void> {
  try {
    await writeFile(`${file}.part`, '')
    await rm(`${file}.part`)
  } catch (error) {
    throw new AppError(
      'CONFIG_INVALID',
      `--write ${file}: ${(error as Error).message}. Name a file that can be written.`,
      {
        cause: error,
      },
    )
  }
}

const tableLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** The lines of a table with this header, by their first cell. */
function linesBelow(header: string, section: string): Map<string, string[]> {
  const lines = section.split('\n').filter((line) => line.startsWith('| '))
  const kept = new Map<string, string[]>()
  if (lines[0] !== header) return kept
  for (const line of lines.slice(2)) {
    const first = line.split(' | ')[0]!.slice(2)
    kept.set(first, [...(kept.get(first) ?? []), line])
  }
  return kept
}
