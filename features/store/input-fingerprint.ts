import { createHash } from 'node:crypto'
import type { FeatureView, ViewInput } from '../definitions/feature-view.ts'
import type { MartSource, SqlDialect } from '../sources/mart-source.ts'
import { rowHash } from '../sources/row-hash.ts'

/** Fingerprint of all that a view reads of the days before `day`: it changes when such a row comes, goes, or changes in a value read. */
export type InputFingerprint = (day: number) => string

/**
 * Looks at what a view reads of the warehouse, day by day.
 *
 * Of one warehouse, the same rows always give the same fingerprints, in whatever order they lie.
 *
 * @throws AppError WAREHOUSE_MISSING | WAREHOUSE_FAILED
 */
export async function inputFingerprint(source: MartSource, view: FeatureView): Promise<InputFingerprint> {
  const running = createHash('sha256')
  // upTo[i] fingerprints everything up to and with days[i].
  const days: number[] = []
  const upTo: string[] = []
  const columns = { input: 'string', day: 'int32', row_count: 'string', total: 'string' } as const
  for await (const { rowCount, columns: c } of source.read(inputsSql(source.dialect, view), columns)) {
    for (let i = 0; i < rowCount; i++) {
      const day = c.day[i]!
      running.update(`${c.input[i]} ${day} ${c.row_count[i]} ${c.total[i]}\n`)
      if (days.at(-1) === day) days.pop()
      upTo.length = days.push(day) - 1
      upTo.push(running.copy().digest('hex').slice(0, 16))
    }
  }
  return (day) => upTo[days.findLastIndex((known) => known < day)] ?? 'nothing'
}

/** Number of rows and sum of their hashes, by input and day, ascending by day. */
export const inputsSql = (dialect: SqlDialect, view: FeatureView): string => `select input,
  cast(day - cast('1970-01-01' as date) as integer) as day,
  cast(row_count as varchar) as row_count, cast(total as varchar) as total
from (
  ${view.inputs.map((input) => inputSql(dialect, input)).join('\n  union all\n  ')}
) inputs
order by day, input`

const inputSql = (dialect: SqlDialect, { name, rows, day, columns }: ViewInput): string =>
  `select '${name}' as input, day, count(*) as row_count, sum(row_hash) as total
  from (select ${day} as day, ${rowHash(dialect, columns)} as row_hash from ${rows}) ${name}
  where day is not null
  group by day`
