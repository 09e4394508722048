export const hoursPerWeek = 168
const hourSeconds = 3600
const daySeconds = 86_400

/** Hour of the week on a clock that shows `seconds` since 1970; 0 = Monday 00:00. 1970 began on a Thursday. */
export const hourOfWeek = (seconds: number): number =>
  (((Math.floor(seconds / hourSeconds) + 72) % hoursPerWeek) + hoursPerWeek) % hoursPerWeek

/** Whether `Intl` knows a time zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    utcOffset(name)
    return true
  } catch {
    return false
  }
}

/** Seconds that clocks are ahead of UTC, by moment (seconds since 1970, UTC). */
export type UtcOffset = (seconds: number) => number

/** Zones in use, by name; a formatter takes longer to make than an answer. */
const clocks = new Map<string, UtcOffset>()
/** More than there are zones, fewer than there are ways to write their names. */
const mostClocks = 1000

/**
 * How far the clocks of a zone are ahead of UTC.
 *
 * @param timeZone a name that `isTimeZone` accepts
 * @throws RangeError for another
 */
export function utcOffset(timeZone: string): UtcOffset {
  const known = clocks.get(timeZone)
  if (known !== undefined) return known
  const offset = timeZone === 'UTC' ? () => 0 : zoneOffset(timeZone)
  if (clocks.size === mostClocks) clocks.clear()
  clocks.set(timeZone, offset)
  return offset
}

/** Days without a change of clocks that are kept per zone. */
const daysKept = 4000

/** Asks `Intl` once for each day on which the clocks do not change, so that millions of moments cost little. */
function zoneOffset(timeZone: string): UtcOffset {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const ask: UtcOffset = (seconds) => offsetIn(format.format(seconds * 1000))
  const known = new Map<number, number>()
  return (seconds) => {
    const day = Math.floor(seconds / daySeconds)
    const kept = known.get(day)
    if (kept !== undefined) return kept
    const offset = ask(seconds)
    if (known.size < daysKept && ask(day * daySeconds) === offset && ask((day + 1) * daySeconds) === offset) {
      known.set(day, offset)
    }
    return offset
  }
}

/** Of `3/29/2026, GMT+05:30`; `GMT` alone is 0. */
function offsetIn(text: string): number {
  const [, sign, hours, minutes, seconds] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * hourSeconds + Number(minutes) * 60 + Number(seconds ?? 0))
}

/**
 * The moments in a span at which clocks of a zone are set forward or back, ascending.
 *
 * @param from inclusive, seconds since 1970, UTC, as is `to`, which is exclusive
 */
export function clockChanges(timeZone: string, from: number, to: number): number[] {
  const offset = utcOffset(timeZone)
  const changes: number[] = []
  for (let start = from; start < to; start += daySeconds) {
    const end = Math.min(start + daySeconds, to)
    if (offset(start) === offset(end)) continue
    let [before, after] = [start, end]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (offset(middle) === offset(start)) before = middle
      else after = middle
    }
    changes.push(after)
  }
  return changes
}
