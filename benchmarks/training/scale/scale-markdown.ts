import os from 'node:os'
import process from 'node:process'
import { familySettings } from './family-settings.ts'
import type { PartResult } from './part.ts'

/** The figures as the page docs/scale.md. */
export function scaleMarkdown(results: readonly PartResult[]): string {
  const settings = Object.entries(familySettings)
    .filter(([name]) => results.some(({ part }) => part === name))
    .map(([name, its]) => `${name} with ${describe(its)}`)
  return `# What training costs as the data grows

\`\`\`sh
npx tsx benchmarks/training/scale.ts --write docs
\`\`\`

![CPU seconds and memory against the number of interactions](scale.svg)

**Data.** Generated: popularity as in Zipf's law, people who like three of 200 subjects, 100 interactions for each person on average, a
catalogue of one size. The families read it as \`contentflow bench recommend --train\` does; \`warehouse\` is a DuckDB warehouse with as many
events over 15 days, of which all features are built, a snapshot a day, and whose interactions are read as \`contentflow train\` does.

**How.** Each line in a process of its own: seconds (CPU seconds of all cores) of each stage, and the most memory that the process held.
${settings.join('; ')}. \`rank\` ranks the whole catalogue for at most 2,000 people.

**Machine.** Node ${process.versions.node}, ${os.cpus()[0]?.model ?? 'unknown'}, ${os.availableParallelism()} cores.

${table(results)}
`
}

const describe = (settings: object): string =>
  Object.keys(settings).length === 0
    ? 'its defaults'
    : Object.entries(settings)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')

function table(results: readonly PartResult[]): string {
  const stages = [...new Set(results.flatMap((result) => Object.keys(result.stages)))]
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const header = ['part', 'interactions', ...stages, 'CPU s in all', 'GB at most', 'NDCG@10']
  const rows = results.toSorted((a, b) => a.part.localeCompare(b.part) || a.interactions - b.interactions)
  return [
    line(header),
    line(header.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map((result) =>
      line([
        result.part,
        result.interactions.toLocaleString('en-US'),
        ...stages.map((name) => {
          const its = result.stages[name]
          return its === undefined ? '' : `${its.seconds.toFixed(1)} (${its.cpuSeconds.toFixed(1)})`
        }),
        Object.values(result.stages)
          .reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
          .toFixed(0),
        (result.peakMb / 1024).toFixed(2),
        result.ndcg?.toFixed(4) ?? '',
      ]),
    ),
  ].join('\n')
}
