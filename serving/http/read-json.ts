import express, { type RequestHandler } from 'express'
import { AppError } from '../../errors.ts'
import { jsonSize } from './json-size.ts'
import { FieldErrors, HttpRefusal } from './problem.ts'

/** The deepest body that a route takes is three deep: an object, its list of events, an event. */
const deepest = 8
/**
 * The largest body that a route takes: 1000 events of nine fields each. A megabyte that is all brackets, or all different names, costs
 * a second of everyone's time to parse; one within these bounds costs what a plain one of its length does.
 */
const mostValues = 12_000

/** Reads a body of JSON into `request.body`; undefined when there is none. */
export function readJson(limitBytes: number): readonly RequestHandler[] {
  return [expectJson, express.raw({ limit: limitBytes, type: () => true }), parseBody]
}

const expectJson: RequestHandler = (request, _response, next) => {
  const type = request.headers['content-type']
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type ?? '')?.[1] ?? 'utf-8'
  const isJson = type !== undefined && /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)
  if (isJson && /^utf-?8$/i.test(charset)) return next()
  throw new HttpRefusal(
    415,
    'INPUT_INVALID',
    `Expected content-type application/json, in UTF-8, got ${type === undefined ? 'none' : JSON.stringify(type)}.`,
  )
}

const parseBody: RequestHandler = (request, _response, next) => {
  const bytes: unknown = request.body
  request.body = bytes instanceof Uint8Array && bytes.length > 0 ? parseJson(bytes) : undefined
  next()
}

/** JSON in UTF-8. @throws FieldErrors | AppError TOO_LARGE */
export function parseJson(bytes: Uint8Array): unknown {
  const { depth, values } = jsonSize(bytes)
  if (depth > deepest) throw notJson(`lists and objects nested at most ${deepest} deep, got ${depth}`)
  if (values > mostValues) {
    throw new AppError(
      'TOO_LARGE',
      `The body holds ${values} values; expected at most ${mostValues}. Send them in several requests.`,
      { details: { field: 'body' } },
    )
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw notJson('UTF-8, got other bytes')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notJson(`JSON: ${(error as Error).message}`)
  }
}

const notJson = (expected: string): FieldErrors => new FieldErrors([{ field: 'body', message: `expected ${expected}` }])
