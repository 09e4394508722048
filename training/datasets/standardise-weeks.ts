import { hoursPerWeek } from '../../features/transforms/local-clock.ts'

/**
 * Each creator's week with mean 0 and standard deviation 1, in place; a week without variation becomes 0.
 *
 * @param weeks `[creators·168]`
 */
export function standardiseWeeks(weeks: Float64Array): Float64Array {
  for (let start = 0; start < weeks.length; start += hoursPerWeek) {
    const own = weeks.subarray(start, start + hoursPerWeek)
    const mean = own.reduce((sum, value) => sum + value, 0) / hoursPerWeek
    const sd = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / hoursPerWeek)
    for (let hour = 0; hour < hoursPerWeek; hour++) own[hour] = sd === 0 ? 0 : (own[hour]! - mean) / sd
  }
  return weeks
}
