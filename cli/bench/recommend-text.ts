import type { BenchmarkResult } from '../../training/benchmark/benchmark-recommender.ts'
import { familyNames } from '../../training/families/all-families.ts'
import { textTable } from '../text-table.ts'
import type { FailedBenchmark } from './each-in-its-process.ts'
import { estimateText } from './estimate-text.ts'
import { writeSection } from './markdown-section.ts'

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

/** Puts rows into a suite's table in a Markdown file, see `writeSection`. */
export function writeMarkdown(file: string, suite: string, rows: readonly Row[]): Promise<void> {
  const first = rows.find((row): row is BenchmarkResult => !('error' in row))
  const command = `\`contentflow bench recommend --suite ${suite} --all\``
  return writeSection(file, {
    name: suite,
    intro: first === undefined ? command : `${command}: ${headline(first)}.`,
    header: headerOf(rows),
    rows: rows.map((row) => cellsOf(row, rows)),
    order: familyNames,
  })
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
