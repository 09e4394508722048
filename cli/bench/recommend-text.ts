import { readFile, rename, writeFile } from 'node:fs/promises'
import type { BenchmarkResult } from '../../training/benchmark/benchmark-recommender.ts'
import { familyNames } from '../../training/families/all-families.ts'
import { textTable } from '../text-table.ts'
import type { FailedBenchmark } from './each-in-its-process.ts'
import { estimateText } from './estimate-text.ts'

type Row = BenchmarkResult | FailedBenchmark

/** What a table was made of. */
export function headline({ users, items, interactions, unjudged }: BenchmarkResult): string {
  const counts = `${users} judged users, ${items} items, ${interactions} training interactions`
  return unjudged === 0
    ? counts
    : `${counts}; ${unjudged} test pairs left out: user not in training, or pair already there`
}

export const benchmarkTable = (rows: readonly Row[]): string =>
  textTable(
    headerOf(rows),
    rows.map((row) => cellsOf(row, rows)),
  )

/**
 * Puts rows into a suite's table in a Markdown file, between its marks; rows of other models stay, and whatever else the file says. Each
 * row is a run of its own, so that a table can be made again row by row. Without the marks, at the end of the file.
 *
 * Where the old table has other columns, its rows cannot stand beside the new ones: they go.
 */
export async function writeMarkdown(file: string, suite: string, rows: readonly Row[]): Promise<void> {
  const [begin, end] = [`<!-- begin ${suite} -->`, `<!-- end ${suite} -->`]
  const old = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const from = old.indexOf(begin)
  const to = old.indexOf(end)
  const marked = from >= 0 && to > from
  const header = tableLine(headerOf(rows))
  const kept = marked ? rowsBelow(header, old.slice(from, to)) : new Map<string, string>()
  for (const row of rows) kept.set(row.model, tableLine(cellsOf(row, rows)))
  const first = rows.find((row): row is BenchmarkResult => !('error' in row))
  const section = [
    begin,
    '',
    `\`contentflow bench recommend --suite ${suite} --all\`${first === undefined ? '' : `: ${headline(first)}.`}`,
    '',
    header,
    tableLine(headerOf(rows).map((_, i) => (i === 0 ? '---' : '---:'))),
    ...familyNames.flatMap((name) => kept.get(name) ?? []),
    '',
    end,
  ].join('\n')
  const text = marked ? old.slice(0, from) + section + old.slice(to + end.length) : `${old}\n${section}\n`
  // A reader, or a second run, never sees half of it.
  await writeFile(`${file}.part`, text)
  await rename(`${file}.part`, file)
}

const tableLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** The lines of a table with this header, by their first cell. */
function rowsBelow(header: string, section: string): Map<string, string> {
  const lines = section.split('\n').filter((line) => line.startsWith('| '))
  if (lines[0] !== header) return new Map()
  return new Map(lines.slice(2).map((line) => [line.split(' | ')[0]!.slice(2), line]))
}

const metricsOf = (rows: readonly Row[]): readonly string[] => [
  ...new Set(rows.flatMap((row) => ('error' in row ? [] : Object.keys(row.metrics)))),
]

const headerOf = (rows: readonly Row[]): string[] => ['model', ...metricsOf(rows), 'fit s', 'rank s', 'CPU s', 'MB']

function cellsOf(row: Row, rows: readonly Row[]): string[] {
  if ('error' in row)
    return [
      row.model,
      row.error,
      ...headerOf(rows)
        .slice(2)
        .map(() => ''),
    ]
  return [
    row.model,
    ...metricsOf(rows).map((metric) => estimateText(row.metrics[metric])),
    row.fitSeconds.toFixed(1),
    row.evaluateSeconds.toFixed(1),
    row.cpuSeconds.toFixed(1),
    String(row.peakMb),
  ]
}
