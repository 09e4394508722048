import { readFile, writeFile } from 'node:fs/promises'
import type { Estimate } from '../../models/artifact/manifest.ts'
import type { BenchmarkData, BenchmarkResult } from '../../training/benchmark/benchmark-recommender.ts'
import { textTable } from '../text-table.ts'
import type { FailedBenchmark } from './each-in-its-process.ts'

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
 * Puts the table of a suite into a Markdown file, between its marks; what else the file says stays. Without the marks, at the end.
 */
export async function writeMarkdown(file: string, data: BenchmarkData, rows: readonly Row[]): Promise<void> {
  const suite = data.kind === 'suite' ? data.suite : 'given'
  const [begin, end] = [`<!-- begin ${suite} -->`, `<!-- end ${suite} -->`]
  const first = rows.find((row): row is BenchmarkResult => !('error' in row))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const header = headerOf(rows)
  const table = [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows.map((row) => cellsOf(row, rows))]
  const section = [
    begin,
    '',
    `\`contentflow bench recommend --suite ${suite} --all\`${first === undefined ? '' : `: ${headline(first)}.`}`,
    '',
    ...table.map(line),
    '',
    end,
  ].join('\n')
  const old = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const from = old.indexOf(begin)
  const to = old.indexOf(end)
  const text =
    from >= 0 && to > from ? old.slice(0, from) + section + old.slice(to + end.length) : `${old}\n${section}\n`
  await writeFile(file, text)
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

/** `.0742 [.0608, .0870]` */
function estimateText(estimate: Estimate | undefined): string {
  if (estimate === undefined) return '–'
  const { value, low, high } = estimate
  const text = (number: number): string => number.toFixed(4).replace(/^0\./, '.')
  return low === null || high === null ? text(value) : `${text(value)} [${text(low)}, ${text(high)}]`
}
