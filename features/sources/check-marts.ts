import { acceptsType } from '../marts/accepted-types.ts'
import { duplicateStatement, orphanStatement, rowStatement } from '../marts/check-statements.ts'
import { marts } from '../marts/index.ts'
import type { Mart } from '../marts/mart.ts'
import type { MartSource } from './mart-source.ts'

interface MartProblem {
  readonly severity: 'error' | 'warning'
  readonly kind:
    | 'missing table'
    | 'missing column'
    | 'wrong type'
    | 'null'
    | 'empty'
    | 'form'
    | 'range'
    | 'value'
    | 'duplicate key'
    | 'orphan'
    | 'no rows'
  readonly column: string | null
  /** Rows concerned; 0 where the whole mart or column is. */
  readonly rows: number
  /** What was expected and what came. */
  readonly message: string
}

export interface MartReport {
  readonly mart: string
  readonly rows: number
  /** First and last moment, ISO 8601; null without rows or times, or where it is infinite. */
  readonly first: string | null
  readonly last: string | null
  readonly problems: readonly MartProblem[]
}

/**
 * Holds every mart against its definition: table, columns, types, nulls, ranges, allowed values, keys, references. Reads only, in SQL
 * that runs on all warehouses.
 *
 * @throws AppError WAREHOUSE_FAILED
 */
export async function checkMarts(source: MartSource, schema: string): Promise<MartReport[]> {
  const types = new Map<string, Map<string, string>>()
  for (const mart of marts) types.set(mart.name, await columnTypes(source, schema, mart))
  const reports: MartReport[] = []
  for (const mart of marts) reports.push(await checkMart(source, mart, types))
  return reports
}

async function columnTypes(source: MartSource, schema: string, mart: Mart): Promise<Map<string, string>> {
  const rows = await source.rows(
    'select column_name as name, data_type as type from information_schema.columns where table_schema = $1 and table_name = $2',
    [schema, mart.name],
  )
  return new Map(rows.map((row) => [String(row.name), String(row.type)]))
}

async function checkMart(
  source: MartSource,
  mart: Mart,
  types: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Promise<MartReport> {
  const found = types.get(mart.name)!
  if (found.size === 0) {
    const message = `expected the table ${mart.name}; there is none`
    const problem: MartProblem = { severity: 'error', kind: 'missing table', column: null, rows: 0, message }
    return { mart: mart.name, rows: 0, first: null, last: null, problems: [problem] }
  }
  const problems = columnProblems(mart, found)
  const usable = new Set(mart.columns.map((column) => column.name))
  for (const { column } of problems) usable.delete(column!)

  const statement = rowStatement(mart, usable)
  const [counts] = await source.rows(statement.sql)
  const rows = Number(counts!.n_rows)
  for (const [index, check] of statement.checks.entries()) {
    const broken = Number(counts![`broken_${index}`] ?? 0)
    if (broken > 0) {
      problems.push({
        severity: 'error',
        kind: check.problem,
        column: check.column,
        rows: broken,
        message: check.reason,
      })
    }
  }
  if (rows === 0) {
    problems.push({
      severity: 'warning',
      kind: 'no rows',
      column: null,
      rows: 0,
      message: 'expected rows; the table is empty',
    })
  }
  if (rows > 0 && mart.key.every((name) => usable.has(name))) {
    const repeated = await countOf(source, duplicateStatement(mart).sql)
    const message = `each ${mart.key.join(' + ')} must stand once`
    if (repeated > 0) problems.push({ severity: 'error', kind: 'duplicate key', column: null, rows: repeated, message })
  }
  for (const column of mart.columns) {
    const reference = column.references
    if (reference === undefined || rows === 0 || !usable.has(column.name)) continue
    if (types.get(reference.mart)?.has(reference.column) !== true) continue
    const orphans = await countOf(source, orphanStatement(mart, column, reference).sql)
    const message = `${column.name} must be in ${reference.mart}.${reference.column}`
    if (orphans > 0) {
      problems.push({ severity: reference.orphan, kind: 'orphan', column: column.name, rows: orphans, message })
    }
  }
  return { mart: mart.name, rows, first: moment(counts!.first_at), last: moment(counts!.last_at), problems }
}

function columnProblems(mart: Mart, found: ReadonlyMap<string, string>): MartProblem[] {
  return mart.columns.flatMap((column): MartProblem[] => {
    const type = found.get(column.name)
    const problem = { severity: 'error', column: column.name, rows: 0 } as const
    if (type === undefined) {
      return [{ ...problem, kind: 'missing column', message: `expected the column ${column.name}; there is none` }]
    }
    if (acceptsType(column.type, type)) return []
    return [
      { ...problem, kind: 'wrong type', message: `expected ${column.name} as ${column.type}; its type is ${type}` },
    ]
  })
}

async function countOf(source: MartSource, sql: string): Promise<number> {
  const [row] = await source.rows(sql)
  return Number(row!.n)
}

/** The farthest moments of a JavaScript date, seconds from 1970; warehouses know farther ones, and infinity. */
const farthest = 8.64e12

const moment = (seconds: unknown): string | null =>
  typeof seconds === 'number' && Math.abs(seconds) <= farthest
    ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    : null
