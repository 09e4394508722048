import { basename } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Mart, MartColumn } from '../../features/marts/mart.ts'
import { sqlLiteral } from '../../features/sources/sql-literal.ts'
import type { Staging } from './staging.ts'

/** What the columns of a mart are taken from, where the file's names do not say it; pairs as the command line has them. */
export interface TableColumns {
  /** `column=source`; without one a column is taken from the source of the same name, if there is one. */
  readonly map?: readonly string[]
  /** `column=value`: the same value in every row. */
  readonly set?: readonly string[]
}

/** @throws AppError INPUT_INVALID */
export function parseColumns(mart: Mart, { map = [], set = [] }: TableColumns) {
  const wanted = parsePairs(mart, '--map column=source', map)
  const constants = parsePairs(mart, '--set column=value', set)
  const twice = [...constants.keys()].find((column) => wanted.has(column))
  if (twice !== undefined) throw new AppError('INPUT_INVALID', `Expected ${twice} by --map or by --set; got both.`)
  return { wanted, constants }
}

/** `['user_id=visitor']` → Map { user_id → visitor }. */
function parsePairs(mart: Mart, form: string, pairs: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const column = pair.slice(0, at)
    if (at <= 0 || at === pair.length - 1 || !mart.columns.some(({ name }) => name === column)) {
      throw new AppError(
        'INPUT_INVALID',
        `Expected ${form} with a column of ${mart.name} (${mart.columns.map(({ name }) => name).join(', ')}); got ${pair}.`,
      )
    }
    found.set(column, pair.slice(at + 1))
  }
  return found
}

const isSurrogate = (mart: Mart, column: string): boolean => mart.keyIsSurrogate === true && mart.key.includes(column)

/**
 * Which source each column is taken from; a column without one is not in the result.
 *
 * @param names the file's names; undefined where its lines name them
 * @throws AppError INPUT_INVALID when a column that must have a source has none
 */
export function resolveSources(
  mart: Mart,
  wanted: ReadonlyMap<string, string>,
  constants: ReadonlyMap<string, string>,
  names: readonly string[] | undefined,
  path: string,
): Map<string, string> {
  const has = (source: string): boolean => names?.includes(source) ?? true
  const mustHave = ({ name, nullable }: MartColumn): boolean =>
    wanted.has(name) || !(nullable || isSurrogate(mart, name))
  const fromFile = mart.columns.filter(({ name }) => !constants.has(name))
  const missing = fromFile.filter((column) => !has(wanted.get(column.name) ?? column.name) && mustHave(column))
  if (missing.length > 0) {
    const needs = missing.map(({ name }) => (wanted.has(name) ? `${wanted.get(name)} (for ${name})` : name))
    throw new AppError(
      'INPUT_INVALID',
      `${basename(path)}: expected columns for ${mart.name}; missing: ${needs.join(', ')}. It has ${names?.join(', ') || 'none'}. Say which is which with --map column=source, or give all rows one value with --set column=value. Nothing was imported.`,
      { details: { missing: missing.map(({ name }) => name), found: names ?? [] } },
    )
  }
  const given = fromFile.map(({ name }) => [name, wanted.get(name) ?? name] as const)
  return new Map(given.filter(([, source]) => has(source)))
}

/** Gives every row of `source_rows` the same values. */
export async function addConstants(staging: Staging, constants: ReadonlyMap<string, string>): Promise<void> {
  for (const [column, value] of constants) {
    await staging.run(`alter table source_rows add column ${column} varchar default ${sqlLiteral(value)}`)
  }
}

/**
 * Makes the key of `source_rows` of the row's other values, where the mart's key only tells rows apart and no row has one.
 *
 * @returns the key's column; undefined where it was given
 */
export async function deriveKey(
  staging: Staging,
  mart: Mart,
  sources: ReadonlyMap<string, string>,
  constants: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const key = mart.key.find((column) => isSurrogate(mart, column) && !constants.has(column))
  if (key === undefined) return undefined
  if (sources.has(key) && (await staging.count(`(select 1 from source_rows where ${key} is not null limit 1)`)) > 0) {
    return undefined
  }
  const others = mart.columns.map(({ name }) => name).filter((name) => name !== key)
  const given = others.filter((name) => sources.has(name) || constants.has(name))
  // JSON keeps ('a', 'bc') and ('ab', 'c') apart, and null and 'null' too.
  const made = `md5(cast(to_json([${given.join(', ')}]) as varchar))`
  await staging.run(`
    create or replace temp table source_rows as
    select line, ${given.join(', ')}, ${made} as ${key} from source_rows`)
  return key
}
