import type { BenchmarkResult } from '../../training/benchmark/benchmark-recommender.ts'
import { familyNames } from '../../training/families/all-families.ts'
import { textTable } from '../text-table.ts'
import type { FailedBenchmark } from './each-in-its-process.ts'
import { estimateText } from './estimate-text.ts'
import { writeSection } from './markdown-section.ts'

type Row = BenchmarkResult | FailedBenchmark

/** What a table was made of. */
function headline({ users, items, interactions, unjudged }: BenchmarkResult): string {
  const counts = `${users} judged users, ${items} items, ${interactions} training interactions`
  const left = Object.entries(unjudged).flatMap(([part, pairs]) => (pairs > 0 ? [`${pairs} of the ${part} part`] : []))
  return left.length === 0
    ? counts
    : `${counts}; pairs left out, as the user is not in training or the pair already is: ${left.join(', ')}`
}

/** What the figures are of, the figures, and what a search or a validation part chose. */
export function benchmarkText(rows: readonly Row[]): string {
  const done = rows.filter((row): row is BenchmarkResult => !('error' in row))
  const chosen = done
    .filter((row) => Object.keys(row.chosen).length > 0)
    .map((row) => `${row.model}: chosen ${JSON.stringify(row.chosen)}`)
  return [...done.slice(0, 1).map(headline), benchmarkTable(rows), ...chosen].join('\n')
}

const benchmarkTable = (rows: readonly Row[]): string =>
  textTable(
    headerOf(rows),
    rows.map((row) => cellsOf(row, rows)),
  )

/** Puts rows into a suite's table in a Markdown file, see `writeSection`. */
export function writeMarkdown(file: string, suite: string, rows: readonly Row[]): Promise<void> {
  const first = rows.find((row): row is BenchmarkResult => !('error' in row))
  const command = `\`contentflow bench recommend --suite ${suite} --all\` (or \`--model\` for single rows)`
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
