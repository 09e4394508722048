import type { Scale } from './standard-scale.ts'

/** The age of a row, as an index below the number of ages. */
type AgeOf = (row: number) => number

/**
 * Mean and deviation of a growth at each age. The mean alone is the simplest forecast: a constant is added to the logarithm of the count
 * so far (Szabo & Huberman 2010, eq. 3).
 *
 * @param growth `[T][rowCount]`, NaN = unknown
 * @param rows   those to learn from
 * @param ages   how many there are
 * @returns `[A][T]`; 0 and 0 where no growth is known, as where the horizon is over
 */
export function scalesByAge(
  growth: readonly Float64Array[],
  rows: Int32Array,
  age: AgeOf,
  ages: number,
): readonly (readonly Scale[])[] {
  return Array.from({ length: ages }, (_, k) => {
    const its = rows.filter((row) => age(row) === k)
    return growth.map((values) => {
      const known = Array.from(its, (row) => values[row]!).filter((value) => !Number.isNaN(value))
      if (known.length === 0) return { mean: 0, sd: 0 }
      const mean = known.reduce((sum, value) => sum + value, 0) / known.length
      const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length
      return { mean, sd: Math.sqrt(variance) }
    })
  })
}

/** (growth − mean)/deviation at the age of each row; NaN where the growth is unknown or never varies. `[rowCount, T]` */
export function standardiseByAge(
  growth: readonly Float64Array[],
  age: AgeOf,
  scales: readonly (readonly Scale[])[],
): Float32Array {
  const width = growth.length
  const result = new Float32Array(growth[0]!.length * width)
  growth.forEach((values, t) => {
    values.forEach((value, row) => {
      const { mean, sd } = scales[age(row)]![t]!
      result[row * width + t] = sd === 0 ? Number.NaN : (value - mean) / sd
    })
  })
  return result
}
