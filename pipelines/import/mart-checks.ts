import type { Mart } from '../../features/marts/mart.ts'
import { rowChecks } from '../../features/marts/row-checks.ts'
import type { StageCheck } from './staging.ts'

/** How much of a wrong value a reason shows, characters. */
const longestShown = 300

/** The rules of a mart for a staged table, as far as they are of the columns that it has. */
export const martChecks = (mart: Mart, columns: readonly string[]): StageCheck[] =>
  rowChecks(mart)
    .filter(({ column }) => columns.includes(column))
    .map(({ broken, reason, column }) => ({
      when: `(${broken})`,
      reason: `'expected: ${reason.replaceAll("'", "''")}; got ' || coalesce(left(cast(${column} as varchar), ${longestShown}), 'nothing')`,
    }))
