import type { ContentMoments } from '../datasets/content-moments.ts'
import type { FeatureTable } from '../datasets/content-table.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import { mean } from '../evaluation/mean.ts'
import { pick } from '../evaluation/metric-row.ts'

/** Which early counts of a table tell what targets are at least: what a content has is not lost again. */
export interface CountedAlready {
  /** Numeric column with the early count of the same quantity, −1 = none; `[T]` */
  readonly column: Int32Array
  /** Whether that count is the outcome itself; `[T]` */
  readonly settled: readonly boolean[]
  /** ln(1 + early count) of every row of the table; NaN where it is not known; `[T][rowCount]` */
  readonly logs: readonly Float64Array[]
}

/** @param names what is foretold */
export function countedAlready(names: readonly OutcomeName[], table: FeatureTable): CountedAlready {
  const { numericFields, numeric, featureCount, rowCount } = table
  const parts = names.map(partsOfOutcome)
  const column = Int32Array.from(parts, ({ quantity }) =>
    numericFields.findIndex(({ name, source }) => source === 'early' && name === quantity),
  )
  return {
    column,
    settled: parts.map(({ days }) => days === 1),
    logs: Array.from(column, (from) =>
      Float64Array.from({ length: rowCount }, (_, row) =>
        from < 0 ? Number.NaN : Math.log1p(numeric[row * featureCount + from]!),
      ),
    ),
  }
}

/**
 * The moment that target t is foretold at in a row, as an index into the moments: that before publication also where others were counted,
 * but not its own quantity.
 */
export const momentOfTarget =
  ({ column, logs }: CountedAlready, { momentOf }: Pick<ContentMoments, 'momentOf'>) =>
  (t: number, row: number): number =>
    column[t]! >= 0 && Number.isNaN(logs[t]![row]!) ? 0 : momentOf(row)

/** Values of ln(1 + count) of target t for rows of the table, as they are where something was counted already. */
export function raiseToCounted(
  values: ArrayLike<number>,
  rows: Int32Array,
  { settled, logs }: CountedAlready,
  t: number,
): Float64Array {
  return Float64Array.from(rows, (row, i) => {
    const log = logs[t]![row]!
    if (Number.isNaN(log)) return values[i]!
    return settled[t] ? log : Math.max(log, values[i]!)
  })
}

/** Mean of what each target still grew after the first day, of the contents whose outcome was known; NaN where nothing early was counted. */
export function meanGrowth(
  known: readonly Float64Array[],
  { moments }: ContentMoments,
  { logs }: CountedAlready,
  past: Int32Array,
): number[] {
  const later = moments.at(-1)!.rows(past)
  return known.map((values, t) => {
    const growth = pick(values, past).map((value, i) => value - logs[t]![later[i]!]!)
    return mean(growth.filter((its) => !Number.isNaN(its)))
  })
}
