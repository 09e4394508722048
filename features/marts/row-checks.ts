import { earliestDay, latestDay, longestId, type Mart, type MartColumn } from './mart.ts'

/** A rule that every row of a mart must keep. */
export interface RowCheck {
  readonly column: string
  readonly problem: 'null' | 'empty' | 'form' | 'range' | 'value'
  /** Portable SQL over the mart's columns: true for a row that breaks the rule, else false or null. */
  readonly broken: string
  /** What was expected, for a person, e.g. `completion must be from 0 to 1`. */
  readonly reason: string
}

/** The rules of a mart's rows, from its definition: non-null columns, ids of the form the API takes, finite numbers and times in range, allowed values. */
export const rowChecks = (mart: Mart): readonly RowCheck[] => mart.columns.flatMap(columnChecks)

function columnChecks(column: MartColumn): RowCheck[] {
  const { name } = column
  const checks: RowCheck[] = []
  if (!column.nullable) {
    checks.push({ column: name, problem: 'null', broken: `${name} is null`, reason: `${name} must not be empty` })
  }
  if (column.type === 'id') {
    checks.push({ column: name, problem: 'empty', broken: `${name} = ''`, reason: `${name} must not be empty` })
    checks.push({
      column: name,
      problem: 'form',
      // Every warehouse has its own way to match a pattern, but all replace one alike.
      broken: `length(${name}) > ${longestId} or regexp_replace(${name}, '[[:cntrl:]]', '') <> ${name}`,
      reason: `${name} must have at most ${longestId} characters, none of them a control character`,
    })
  }
  const range = rangeBroken(column)
  if (range !== undefined) {
    checks.push({ column: name, problem: 'range', broken: range, reason: `${name} must be ${rangeText(column)}` })
  }
  if (column.oneOf !== undefined) {
    const list = column.oneOf.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')
    checks.push({
      column: name,
      problem: 'value',
      broken: `${name} not in (${list})`,
      reason: `${name} must be one of ${column.oneOf.join(', ')}`,
    })
  }
  return checks
}

function rangeBroken({ name, type, min, max, earliest = earliestDay }: MartColumn): string | undefined {
  if (type === 'timestamp' || type === 'date') {
    return `${name} < ${type} '${earliest}' or ${name} > ${type} '${latestDay}'`
  }
  const parts: string[] = []
  if (min !== undefined) parts.push(`${name} < ${min}`)
  if (max !== undefined) parts.push(`${name} > ${max}`)
  // NaN sorts above all numbers in DuckDB and PostgreSQL, so this finds it as well as the infinities.
  if (type === 'real') {
    if (max === undefined) parts.push(`${name} > 1.7e308`)
    if (min === undefined) parts.push(`${name} < -1.7e308`)
  }
  return parts.length === 0 ? undefined : parts.join(' or ')
}

export function rangeText({ type, min, max, earliest = earliestDay }: MartColumn): string {
  if (type === 'timestamp' || type === 'date') return `from ${earliest} to ${latestDay}`
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`
  if (min !== undefined) return `${min} or more`
  return max === undefined ? 'finite' : `${max} or less`
}
