/**
 * MLflow's JSON uses snake_case keys, ours camelCase. No key in it is user data (tags and parameters are key/value pairs), so the
 * names can be changed mechanically.
 */
export function toWire(value: unknown): unknown {
  return renamed(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

/** The other way. */
export function fromWire(value: unknown): unknown {
  return renamed(value, (key) => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
}

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [rename(key), renamed(entry, rename)]))
}

/** A metric's value as JSON can carry it. A bare NaN would be sent as null and refuse the whole batch. */
export const encodeDouble = (value: number): number | string => (Number.isFinite(value) ? value : String(value))

/** The other way: the server writes such values as text, too. */
export const decodeDouble = (value: number | string): number => Number(value)
