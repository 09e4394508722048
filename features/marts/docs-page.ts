import { marts } from './index.ts'
import { earliestDay, latestDay, longestId, type Mart, type MartColumn } from './mart.ts'
import { rangeText } from './row-checks.ts'

/** The Markdown page docs/marts.md, from the definitions. */
export function martsPage(): string {
  const intro = `# The marts

What ContentFlow reads: eight tables in one schema (\`WAREHOUSE_SCHEMA\`, by default \`marts\`), in Redshift, PostgreSQL or an
embedded DuckDB file. All times are UTC, without time zone, and from ${earliestDay} to ${latestDay} where a column says nothing else; ids are
strings of at most ${longestId} characters, none of them a control character. \`contentflow marts check\` holds a warehouse against this
page, \`contentflow marts ddl\` prints the tables.

This page is generated from \`features/marts\` by \`contentflow marts docs\`; change it there.
`
  return [intro, ...marts.map(martSection)].join('\n')
}

function martSection(mart: Mart): string {
  const distribution = mart.distKey === 'all' ? 'a copy on every node' : `spread by \`${mart.distKey}\``
  return `## ${mart.name}

One row per ${mart.grain}. ${mart.description}

Key: ${mart.key.map(code).join(', ')}. In Redshift: ${distribution}, sorted by ${mart.sortKey.map(code).join(', ')}.

| column | type | null | meaning |
|---|---|---|---|
${mart.columns.map(columnLine).join('\n')}
`
}

function columnLine(column: MartColumn): string {
  const cells = [code(column.name), column.type, column.nullable ? 'yes' : 'no', meaning(column)]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function meaning(column: MartColumn): string {
  const { description, unit, min, max, earliest, oneOf, references } = column
  const facts: string[] = []
  if (unit !== undefined) facts.push(unit)
  if (min !== undefined || max !== undefined || earliest !== undefined) facts.push(rangeText(column))
  if (oneOf !== undefined) facts.push(`one of ${oneOf.map(code).join(', ')}`)
  if (references !== undefined) facts.push(`in ${code(`${references.mart}.${references.column}`)}`)
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`
}

const code = (text: string): string => `\`${text}\``
