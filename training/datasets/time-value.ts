/** A date, or a date and a time of day, with or without a zone (ISO 8601 or as databases print it). */
const isoDate = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * A time as files write it: a number, in its own unit, or an ISO date, in milliseconds. A time of day without a zone is in UTC, so that the
 * order is the same on every machine.
 *
 * @returns NaN when it is neither
 */
export function timeValue(text: string): number {
  const number = Number(text)
  return text !== '' && Number.isFinite(number) ? number : dateValue(text)
}

/** As `timeValue`, of ISO dates only. */
export function dateValue(text: string): number {
  const found = isoDate.exec(text)
  if (found === null) return Number.NaN
  const [, day, clock = '00:00', zone = 'Z'] = found
  return Date.parse(`${day}T${clock}${zoneOf(zone)}`)
}

/** `+0100` and `+01` as `Date.parse` takes them: `+01:00`. */
const zoneOf = (zone: string): string =>
  /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}` : 'Z'
