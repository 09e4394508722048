/** Seconds in a UTC day. */
export const daySeconds = 86_400

/** `YYYY-MM-DD` of a day number (days since 1970-01-01). */
export const dayName = (day: number): string => new Date(day * daySeconds * 1000).toISOString().slice(0, 10)

/** Day number of `YYYY-MM-DD`; NaN when it is not a day of the calendar. */
export function dayNumber(name: string): number {
  const day = Date.parse(`${name}T00:00:00Z`) / 1000 / daySeconds
  return /^\d{4}-\d{2}-\d{2}$/.test(name) && Number.isInteger(day) && dayName(day) === name ? day : Number.NaN
}
