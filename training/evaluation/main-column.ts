import { pick } from './metric-row.ts'
import { quantile } from './quantile.ts'
import { spearman } from './ranks.ts'
import { type ScorableRows, widthOf } from './scorable-rows.ts'

/** Median rank correlation of a group's columns with the main one from which on they tell of one thing. */
const oneThing = 0.3

/** The column that a group of columns is shown by. */
export interface MainColumn {
  readonly column: number
  /** Others of the group that do not stay where they are when it moves: all where the group tells of one thing, else none. */
  readonly along: readonly number[]
}

/**
 * Of some numeric columns the one with the strongest rank correlation with the predictions, a flag only where there is nothing else; and
 * whether the others go with it, as the many statistics of one history do, but not the directions of a text.
 *
 * @param columns    of `rows.numeric`
 * @param prediction of the rows
 * @returns undefined where no column varies
 */
export function mainColumn(
  rows: ScorableRows,
  columns: readonly number[],
  prediction: ArrayLike<number>,
): MainColumn | undefined {
  const width = widthOf(rows.numeric, rows.rowCount)
  const valuesOf = (column: number): Float64Array =>
    Float64Array.from(prediction, (_, row) => rows.numeric[row * width + column]!)
  const [main] = columns
    .map((column) => {
      const values = valuesOf(column)
      return { column, strength: correlation(values, prediction), isFlag: new Set(values).size <= 2 }
    })
    .filter(({ strength }) => Number.isFinite(strength))
    .sort((a, b) => Number(a.isFlag) - Number(b.isFlag) || b.strength - a.strength)
  if (main === undefined) return undefined
  const values = valuesOf(main.column)
  const others = columns.filter((column) => column !== main.column)
  const together = others.map((column) => correlation(valuesOf(column), values)).filter(Number.isFinite)
  const isOneThing =
    together.length > 0 &&
    quantile(
      together.sort((a, b) => a - b),
      0.5,
    ) >= oneThing
  return { column: main.column, along: isOneThing ? others : [] }
}

/** Absolute rank correlation over the rows that have the first value; NaN where either side does not vary. */
function correlation(values: Float64Array, others: ArrayLike<number>): number {
  const known = Int32Array.from(values, (_, row) => row).filter(
    (row) => !Number.isNaN(values[row]) && !Number.isNaN(others[row]),
  )
  return Math.abs(spearman(pick(values, known), pick(others, known)))
}
