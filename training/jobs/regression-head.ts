import type { IntervalHead, RegressionHead } from '../networks/regression-head-onnx.ts'
import { spreadHead } from '../networks/spread-onnx.ts'
import type { PreparedTable } from '../networks/tabular-model.ts'
import type { CountedAlready } from './counted-already.ts'
import type { Ladders } from './ladders.ts'
import type { OutcomeIntervals } from './outcome-intervals.ts'
import { type OutcomeSums, sumMatrices } from './output-sums.ts'

/** The head of a model of outcomes, from what was learned about each target. */
export function regressionHead(from: {
  /** Which targets are counts; `[T]`. */
  readonly counts: readonly boolean[]
  readonly outputs: OutcomeSums
  readonly ladders: Ladders
  /** `[moments][T]` */
  readonly intervals: readonly (readonly OutcomeIntervals[])[]
  readonly prepared: PreparedTable
  readonly earlyColumns: readonly number[]
  readonly counted: CountedAlready
  /** See `RegressionHead`. */
  readonly since?: number | undefined
}): RegressionHead {
  const { counts, outputs, ladders, prepared, earlyColumns, counted } = from
  const intervalHead = (intervals: readonly OutcomeIntervals[]): IntervalHead => ({
    lower: Float32Array.from(intervals, ({ offsets }) => offsets.lower),
    upper: Float32Array.from(intervals, ({ offsets }) => offsets.upper),
    spread: spreadHead(
      intervals.map(({ spread }) => spread),
      prepared,
    ),
  })
  const [before, after] = from.intervals
  const [sumsBefore, sumsAfter] = sumMatrices(outputs)
  return {
    kind: 'regression',
    logarithm: Float32Array.from(counts, Number),
    mean: Float32Array.from(outputs.scales, ({ mean }) => mean),
    scale: Float32Array.from(outputs.scales, ({ sd }) => sd),
    since: from.since,
    sums: sumsBefore,
    ...(ladders.paths.some(({ length }) => length > 1) && { ladders }),
    ...intervalHead(before!),
    ...(after && {
      early: {
        ...intervalHead(after),
        columns: earlyColumns,
        sums: sumsAfter,
        grows: Float32Array.from(outputs.grows, Number),
        countColumn: counted.column,
        settled: Float32Array.from(counted.settled, Number),
      },
    }),
  }
}
