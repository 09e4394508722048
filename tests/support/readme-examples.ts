import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A `curl` of the README and the answer printed below it. */
export interface ReadmeExample {
  readonly command: string
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly body: string | undefined
  readonly answer: unknown
}

/** Stands in a printed answer for what was left out: further keys of an object, further elements of an array. */
const ellipsis = '…'

/** Values that a request fixes; everything else may differ from machine to machine or from day to day. */
const fixedKeys = new Set(['userId', 'timeZone', 'target', 'unit', 'field', 'status', 'code', 'duplicates'])

/** Every shell block of the README that starts with `curl`, with the JSON block that follows it. */
export function readmeExamples(): ReadmeExample[] {
  const text = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
  const blocks = text.matchAll(/```sh\n(curl [\s\S]*?)\n```\n\n?```json\n([\s\S]*?)\n```/g)
  return [...blocks].map(([, command = '', answer = '']) => {
    const url = /'http:\/\/127\.0\.0\.1:8080([^']*)'/.exec(command)?.[1]
    if (url === undefined) throw new Error(`no address of the service in: ${command}`)
    const body = /-d '([^']*)'/.exec(command)?.[1]
    return { command, path: url, method: body === undefined ? 'GET' : 'POST', body, answer: JSON.parse(answer) }
  })
}

/**
 * How an answer differs from the printed one: missing or surplus keys, other types, other fixed values.
 *
 * @returns one line per difference; empty when the answer is as printed
 */
export function differences(printed: unknown, actual: unknown, at = ''): string[] {
  if (Array.isArray(printed)) return arrayDifferences(printed, actual, at)
  if (typeof printed === 'object' && printed !== null) return objectDifferences(printed, actual, at)
  if (printed === null || actual === null) return printed === actual ? [] : [`${at}: printed ${printed}, got ${actual}`]
  if (typeof printed !== typeof actual) return [`${at}: printed a ${typeof printed}, got a ${typeof actual}`]
  const key = at.slice(at.lastIndexOf('.') + 1)
  return fixedKeys.has(key) && printed !== actual ? [`${at}: printed ${printed}, got ${actual}`] : []
}

function arrayDifferences(printed: readonly unknown[], actual: unknown, at: string): string[] {
  if (!Array.isArray(actual)) return [`${at}: printed an array, got ${typeof actual}`]
  const shortened = printed.at(-1) === ellipsis
  const shown = shortened ? printed.slice(0, -1) : printed
  if (shortened ? actual.length < shown.length : actual.length !== shown.length) {
    return [`${at}: printed ${shown.length} elements, got ${actual.length}`]
  }
  return shown.flatMap((element, i) => differences(element, actual[i], `${at}[${i}]`))
}

function objectDifferences(printed: object, actual: unknown, at: string): string[] {
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return [`${at}: printed an object`]
  const given = new Map(Object.entries(actual))
  const shown = Object.entries(printed).filter(([key]) => key !== ellipsis)
  const missing = shown.filter(([key]) => !given.has(key)).map(([key]) => `${at}.${key}: printed, but not there`)
  const names = new Set(shown.map(([key]) => key))
  const surplus =
    ellipsis in printed
      ? []
      : [...given.keys()].filter((key) => !names.has(key)).map((key) => `${at}.${key}: not printed`)
  const inside = shown.flatMap(([key, value]) =>
    given.has(key) ? differences(value, given.get(key), `${at}.${key}`) : [],
  )
  return [...missing, ...surplus, ...inside]
}
