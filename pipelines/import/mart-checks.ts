import type { Mart } from '../../features/marts/mart.ts'
import { rowChecks } from '../../features/marts/row-checks.ts'
import type { StageCheck } from './staging.ts'

/** The rules of a mart for a staged table, as far as they are of the columns that it has. */
export const martChecks = (mart: Mart, columns: readonly string[]): StageCheck[] =>
  rowChecks(mart)
    .filter(({ column }) => columns.includes(column))
    .map(({ broken, reason, column }) => ({
      when: `(${broken})`,
      reason: `'expected: ${reason.replaceAll("'", "''")}; got ' || coalesce(cast(${column} as varchar), 'nothing')`,
    }))
