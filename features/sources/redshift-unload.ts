import { AppError } from '../../errors.ts'
import type { SqlParameter } from './mart-source.ts'
import { bindLiterals, sqlLiteral } from './sql-literal.ts'

export interface UnloadTarget {
  /** `s3://bucket/prefix/`; Redshift appends part names. */
  readonly s3Prefix: string
  /** ARN of a role that may write there: `arn:aws:iam::…:role/…`. */
  readonly iamRole: string
  /** Columns by which to make one folder each, e.g. `['date']`. */
  readonly partitionBy?: readonly string[]
}

/**
 * Redshift's bulk way out: an UNLOAD of a SELECT to Parquet files, which DuckDB can read. The cursor of `MartSource.read` goes through
 * the leader node; beyond some ten million rows this is the way. Checked as text only: no real Redshift was reached.
 *
 * @throws AppError INPUT_INVALID when the prefix or the role is not one
 */
export function unloadSql(select: string, parameters: readonly SqlParameter[], target: UnloadTarget): string {
  const { s3Prefix, iamRole, partitionBy = [] } = target
  if (!/^s3:\/\/[a-z0-9][a-z0-9.-]+\/\S*$/.test(s3Prefix)) {
    throw new AppError('INPUT_INVALID', `Expected s3://bucket/prefix/; got ${s3Prefix}.`)
  }
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/.test(iamRole)) {
    throw new AppError(
      'INPUT_INVALID',
      `Expected the ARN of a role, arn:aws:iam::123456789012:role/name; got ${iamRole}.`,
    )
  }
  for (const column of partitionBy) {
    if (!/^[a-z_][a-z0-9_]*$/.test(column))
      throw new AppError('INPUT_INVALID', `Expected a column name; got ${column}.`)
  }
  // The statement stands inside a string: its own quotes are doubled.
  const body = bindLiterals(select, parameters).trim().replace(/;$/, '')
  const lines = [
    `unload (${sqlLiteral(body)})`,
    `to ${sqlLiteral(s3Prefix)}`,
    `iam_role ${sqlLiteral(iamRole)}`,
    'format as parquet',
  ]
  if (partitionBy.length > 0) lines.push(`partition by (${partitionBy.join(', ')})`)
  return `${lines.join('\n')};`
}
