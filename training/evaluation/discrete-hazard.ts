/** Last days of the weeks of a horizon; the last week is cut where the horizon ends. `weekEnds(10)` is `[7, 10]`. */
export const weekEnds = (days: number): readonly number[] =>
  Array.from({ length: Math.ceil(days / 7) }, (_, week) => Math.min(7 * (week + 1), days))

/**
 * The outcome of each interval of a discrete-time survival model: 1 where the event falls into it, 0 where it came through, NaN after the
 * event and where the interval was not over when observation ended (Singer & Willett 1993).
 *
 * An interval cut short by the end of observation is unknown even when the event was already seen in it: those who came through would be
 * unknown too, so counting only the others would make the hazard too large.
 *
 * @param ends     of the intervals, since the beginning; ascending, `[T]`
 * @param event    when the event happened, since the beginning, > 0; Infinity where it did not
 * @param observed how long anything is known, since the beginning
 * @returns `[T]`
 */
export function intervalOutcomes(ends: readonly number[], event: number, observed: number): Float32Array {
  const outcomes = new Float32Array(ends.length).fill(Number.NaN)
  for (const [t, end] of ends.entries()) {
    if (end > observed) break
    outcomes[t] = event <= end ? 1 : 0
    if (event <= end) break
  }
  return outcomes
}

/**
 * The probability that the event happens within the first intervals: 1 − Π (1 − hazard).
 *
 * @param hazards   `[rows, T]`, row-major
 * @param intervals how many of them, ≤ T
 * @returns `[rows]`
 */
export function eventProbability(hazards: ArrayLike<number>, width: number, intervals: number): Float64Array {
  return Float64Array.from({ length: hazards.length / width }, (_, row) => {
    let survival = 1
    for (let t = 0; t < intervals; t++) survival *= 1 - hazards[row * width + t]!
    return 1 - survival
  })
}

/** One interval of a life table. */
export interface LifeTableRow {
  /** Rows of which the interval's outcome is known. */
  readonly atRisk: number
  readonly events: number
}

/**
 * Who was at risk in each interval, and to whom the event happened (Kaplan & Meier 1958, in intervals).
 *
 * @param outcomes `[rows, T]`, row-major, of `intervalOutcomes`
 * @param rows     those that count
 * @returns `[T]`
 */
export function lifeTable(outcomes: Float32Array, width: number, rows: Int32Array): readonly LifeTableRow[] {
  return Array.from({ length: width }, (_, t) => {
    let atRisk = 0
    let events = 0
    for (const row of rows) {
      const outcome = outcomes[row * width + t]!
      if (Number.isNaN(outcome)) continue
      atRisk++
      events += outcome
    }
    return { atRisk, events }
  })
}
