import type { Mart } from '../../features/marts/mart.ts'
import type { DuckDbDatabase } from '../../features/sources/duckdb-database.ts'

export interface MergeCounts {
  readonly mart: string
  /** Rows with a key the mart did not have. */
  readonly inserted: number
  /** Rows whose key it had, with other values. */
  readonly updated: number
  /** Rows that it had just so. */
  readonly unchanged: number
}

/**
 * Brings the rows of a table into a mart: new keys are inserted, other values updated, equal rows left alone; so a second time
 * changes nothing. A null never replaces a value: files that say less must not erase what others said.
 *
 * @param table a table whose columns include the mart's key, each key once; other columns of the mart are taken where it has them,
 *   and where it has none an inserted row gets null and an existing row keeps its value
 */
export async function mergeMart(
  database: DuckDbDatabase,
  mart: Mart,
  table: string,
  columns: readonly string[],
): Promise<MergeCounts> {
  const sameKey = mart.key.map((name) => `m.${name} = s.${name}`).join(' and ')
  const others = columns.filter((name) => !mart.key.includes(name))
  const differs =
    others.map((name) => `(s.${name} is not null and m.${name} is distinct from s.${name})`).join(' or ') || 'false'
  const [counts] = await database.rows(`
    select count(*)::double as rows, coalesce(sum(case when m.${mart.key[0]} is null then 1 else 0 end), 0)::double as inserted,
      coalesce(sum(case when m.${mart.key[0]} is not null and (${differs}) then 1 else 0 end), 0)::double as updated
    from ${table} s left join ${mart.name} m on ${sameKey}`)
  const rows = Number(counts!.rows)
  const inserted = Number(counts!.inserted)
  const updated = Number(counts!.updated)
  if (updated > 0) {
    await database.run(
      `update ${mart.name} as m set ${others.map((name) => `${name} = coalesce(s.${name}, m.${name})`).join(', ')} from ${table} s where ${sameKey} and (${differs})`,
    )
  }
  if (inserted > 0) {
    const list = columns.join(', ')
    await database.run(
      `insert into ${mart.name} (${list}) select ${list} from ${table} s
       where not exists (select 1 from ${mart.name} m where ${sameKey})`,
    )
  }
  return { mart: mart.name, inserted, updated, unchanged: rows - inserted - updated }
}
