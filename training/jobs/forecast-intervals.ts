import { AppError } from '../../errors.ts'
import type { Tensors } from '../../models/scorer.ts'
import { forecastAges } from '../datasets/forecast-table.ts'
import { type OutcomeName, partsOfOutcome } from '../datasets/outcome-names.ts'
import { type ConformalOffsets, conformalOffsets } from '../evaluation/conformal.ts'
import { pick } from '../evaluation/metric-row.ts'

/**
 * Offsets of the growth per age and target: what is known of a content after two weeks is surer than after a day.
 *
 * @param predicted `[T][valid rows]`
 * @param actual    `[T][rowCount]`
 * @param age       of a row, as an index into `forecastAges`
 * @returns `[A][T]`; 0 where the horizon is over
 * @throws AppError DATA_INSUFFICIENT
 */
export function offsetsByAge(
  predicted: readonly Float64Array[],
  actual: readonly Float64Array[],
  valid: Int32Array,
  age: (row: number) => number,
  names: readonly OutcomeName[],
  alpha: number,
): ConformalOffsets[][] {
  return forecastAges.map((days, k) =>
    names.map((name, t) => {
      if (partsOfOutcome(name).days <= days) return { lower: 0, upper: 0 }
      const its = valid.map((row, i) => (age(row) === k ? i : -1)).filter((i) => i >= 0)
      const found = conformalOffsets(
        pick(predicted[t]!, its),
        Float64Array.from(its, (i) => actual[t]![valid[i]!]!),
        alpha,
      )
      if (Number.isFinite(found.lower) && Number.isFinite(found.upper)) return found
      throw new AppError(
        'DATA_INSUFFICIENT',
        `The validation part has too few contents with ${name} known in time, ${days} days after publication, for an interval of this coverage; import more, or lower intervalCoverage with --set.`,
      )
    }),
  )
}

/**
 * What the exported graph says: see `writeGrowthHead`.
 *
 * @param growth `[T][part]`
 * @param soFar  `[T][rowCount]`
 */
export function countsByGrowth(
  growth: readonly Float64Array[],
  soFar: readonly Float64Array[],
  part: Int32Array,
  age: (row: number) => number,
  offsets: readonly (readonly ConformalOffsets[])[],
): Tensors {
  const width = growth.length
  const values = (shift: (offset: ConformalOffsets) => number) => ({
    shape: [part.length, width],
    data: Float32Array.from({ length: part.length * width }, (_, at) => {
      const [i, t] = [Math.floor(at / width), at % width]
      const its = Math.max(0, growth[t]![i]! + shift(offsets[age(part[i]!)]![t]!))
      return Math.expm1(soFar[t]![part[i]!]! + its)
    }),
  })
  return {
    prediction: values(() => 0),
    lower: values(({ lower }) => lower),
    upper: values(({ upper }) => upper),
  }
}
