import type { OutcomeOutputs, OutputSums } from './outcome-outputs.ts'

/** How outputs of a network become outcomes. */
export interface OutcomeSums extends Pick<OutcomeOutputs, 'width' | 'scales' | 'grows'> {
  /** Before something was counted early, and after. */
  readonly sums: readonly [OutputSums, OutputSums]
}

/**
 * Outcomes of rows of the table, from outputs `[rows, width]` or `[width][rows]`: the trainer's twin of what the graph does.
 *
 * @param logs ln(1 + early count), NaN where none is known; `[T][rowCount]`
 * @returns `[T][rows]`
 */
export function inUnits(
  output: Float32Array | readonly Float64Array[],
  rows: Int32Array,
  { width, scales, grows, sums: [before, after] }: OutcomeSums,
  logs: readonly Float64Array[],
): Float64Array[] {
  return before.map((_, t) =>
    Float64Array.from(rows, (row, i) => {
      const log = logs[t]![row]!
      const grown = grows[t]! && !Number.isNaN(log)
      return (grown ? after : before)[t]!.reduce(
        (sum, its) => {
          const value = output instanceof Float32Array ? output[i * width + its.output]! : output[its.output]![i]!
          const { mean, sd } = scales[its.output]!
          const unit = value * sd + mean
          return sum + its.weight * (its.step ? Math.max(0, unit) : unit)
        },
        grown ? log : 0,
      )
    }),
  )
}

/** What outputs missed, `[width][rows]`, as misses of one target. @param terms what the target is the sum of */
export const missedBy = (
  terms: OutputSums[number],
  residuals: readonly Float64Array[],
  scales: OutcomeOutputs['scales'],
): Float64Array =>
  residuals[0]!.map((_, row) =>
    terms.reduce((sum, { output, weight }) => sum + weight * scales[output]!.sd * residuals[output]![row]!, 0),
  )

/**
 * The sums as matrices: `[width, T]`, or `[2·width, T]` where there are steps, whose second half is of what is above 0.
 */
export function sumMatrices({ width, sums }: OutcomeSums): readonly [Float32Array, Float32Array] {
  const hasSteps = sums.some((its) => its.some((terms) => terms.some(({ step }) => step)))
  const [before, after] = sums.map((its) => {
    const matrix = new Float32Array((hasSteps ? 2 : 1) * width * its.length)
    for (const [t, terms] of its.entries()) {
      for (const { output, weight, step } of terms) matrix[((step ? width : 0) + output) * its.length + t] = weight
    }
    return matrix
  })
  return [before!, after!]
}
