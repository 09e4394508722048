import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import { AppError, type ErrorCode, toAppError } from '../../errors.ts'
import { expectation } from './expectations.ts'

/** HTTP status of each error; complete by its type. */
const statusOf: Readonly<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 500,
  INPUT_INVALID: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAUTHENTICATED: 401,
  TOO_LARGE: 413,
  TOO_BUSY: 503,
  WAREHOUSE_MISSING: 503,
  WAREHOUSE_FAILED: 503,
  MART_INVALID: 500,
  DATA_INSUFFICIENT: 503,
  STORE_FAILED: 503,
  ARTIFACT_INVALID: 503,
  FEATURES_CHANGED: 503,
  MODEL_MISSING: 503,
  REGISTRY_FAILED: 503,
  DISK_FULL: 507,
  CANCELLED: 503,
  INTERNAL: 500,
}

export interface FieldError {
  readonly field: string
  readonly message: string
}

/** A problem document (RFC 9457). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ErrorCode
  readonly errors: readonly FieldError[]
  readonly requestId: string
}

/** What HTTP itself refuses, with a status that no domain error has: 405, 415, 431. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly status: number
  readonly code: ErrorCode

  constructor(status: number, code: ErrorCode, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** More wrong fields than this are counted and not listed: nobody corrects a thousand by hand. */
const mostListed = 20
const longestName = 100

/** One input error with a list of fields, the first twenty of them. */
export class FieldErrors extends AppError {
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    const listed = errors.slice(0, mostListed)
    const more = errors.length > listed.length ? `; and ${errors.length - listed.length} more` : ''
    super('INPUT_INVALID', listed.map(({ field, message }) => `${field}: ${message}`).join('; ') + more)
    this.errors = listed
  }
}

/** Parses what a client sent. @throws FieldErrors naming each wrong field, what was expected and what came */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input, { error: expectation })
  if (parsed.success) return parsed.data
  const allowed = 'shape' in schema ? Object.keys(schema.shape as object) : []
  throw fieldErrors(parsed.error.issues, input, allowed)
}

function fieldErrors(issues: readonly z.core.$ZodIssue[], input: unknown, allowed: readonly string[]): FieldErrors {
  return new FieldErrors(
    issues.filter(saysMore).flatMap((issue): FieldError[] => {
      const field = shortened(issue.path.join('.'), longestName)
      if (issue.code === 'unrecognized_keys') {
        const expected = issue.path.length === 0 ? `; expected ${allowed.join(', ') || 'none'}` : ''
        return issue.keys.map((key) => ({
          field: field === '' ? shortened(key, longestName) : `${field}.${shortened(key, longestName)}`,
          message: `unknown${expected}`,
        }))
      }
      return [{ field: field === '' ? 'body' : field, message: `${issue.message}${got(input, issue.path)}` }]
    }),
  )
}

/** False where the check before says the same of the same value, as of a number that is neither whole nor within its bounds. */
function saysMore({ path, message }: z.core.$ZodIssue, i: number, issues: readonly z.core.$ZodIssue[]): boolean {
  const before = issues[i - 1]
  return before?.message !== message || before.path.join('.') !== path.join('.')
}

/** The problem document of anything thrown while answering. */
export function problemOf(thrown: unknown, instance: string, requestId: string): Problem {
  const { status, code, detail, errors } = facts(thrown)
  return {
    type: `/docs#${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    instance,
    code,
    errors,
    requestId,
  }
}

function facts(thrown: unknown): Pick<Problem, 'status' | 'code' | 'detail' | 'errors'> {
  if (thrown instanceof HttpRefusal) {
    return { status: thrown.status, code: thrown.code, detail: thrown.message, errors: [] }
  }
  const fromParser = parserRefusal(thrown)
  if (fromParser !== undefined) return fromParser
  const error = toAppError(thrown)
  // What is a bug says nothing of itself to the outside; the log has it under the request id.
  if (error.code === 'INTERNAL') {
    return {
      status: 500,
      code: 'INTERNAL',
      detail: 'An error of the service; its log says more under this request id.',
      errors: [],
    }
  }
  const { field } = error.details
  const errors =
    error instanceof FieldErrors ? error.errors : typeof field === 'string' ? [{ field, message: error.message }] : []
  return { status: statusOf[error.code], code: error.code, detail: error.message, errors }
}

/** Express's own errors: a malformed path, and what its body parser refuses. */
function parserRefusal(thrown: unknown): Pick<Problem, 'status' | 'code' | 'detail' | 'errors'> | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number') return undefined
  const refuse = (status: number, code: ErrorCode, detail: string) => ({ status, code, detail, errors: [] })
  const type = 'type' in thrown ? thrown.type : undefined
  if (type === 'entity.too.large') {
    const limit = 'limit' in thrown ? ` of ${thrown.limit} bytes` : ''
    return refuse(413, 'TOO_LARGE', `The body is larger than the limit${limit}. Send less, or set BODY_LIMIT_BYTES.`)
  }
  if (type === 'encoding.unsupported') {
    return refuse(415, 'INPUT_INVALID', `${thrown.message}; expected JSON in UTF-8, plain or gzip.`)
  }
  if (thrown.status === 400) return refuse(400, 'INPUT_INVALID', `The request cannot be read: ${thrown.message}.`)
  return undefined
}

/** The offending value, shortened; of a list or an object only that it is one. */
function got(input: unknown, path: readonly PropertyKey[]): string {
  let value = input
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  if (value === undefined) return ', got nothing'
  if (Array.isArray(value)) return ', got a list'
  if (typeof value === 'object' && value !== null) return ', got an object'
  return `, got ${JSON.stringify(typeof value === 'string' ? shortened(value, 80) : value)}`
}

const shortened = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest)}…` : text
