import type { z } from 'zod'
import { parseInput } from './problem.ts'
import type { RouteLines } from './stream-lines.ts'

/** What a handler is given of the request, parsed. */
interface RouteInput<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly requestId: string
}

interface RouteAnswer<R> {
  readonly status?: number
  readonly body: R
}

/** A call that works on the sample world: shown in the docs, executed as a test. */
interface RouteExample {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A body of JSON: `schema` documents it, `parse` reads it. */
interface RouteBody<B> {
  readonly schema: z.ZodType
  /** @throws FieldErrors */
  readonly parse: (body: unknown) => B
}

/** A body that its schema parses. Where the schema's own messages would confuse, as those of a union do, a route parses by itself. */
export const parsedBody = <B>(schema: z.ZodType<B>): RouteBody<B> => ({
  schema,
  parse: (body) => parseInput(schema, body),
})

/** One endpoint under /v1: what validates it also documents it. */
export interface Route<P = unknown, Q = unknown, B = unknown, R = unknown> {
  readonly method: 'get' | 'post'
  /** As in OpenAPI, e.g. `/v1/users/{id}/segment`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params: z.ZodType<P>
  readonly query: z.ZodType<Q>
  readonly body?: RouteBody<B>
  /** For a route that takes NDJSON as well. */
  readonly lines?: RouteLines
  /** The answer without its envelope. */
  readonly answer: z.ZodType<R>
  /** Statuses beside 200 and the errors any route may answer with. */
  readonly statuses?: Readonly<Record<number, string>>
  readonly example: RouteExample
  handle(input: RouteInput<P, Q, B>): Promise<RouteAnswer<R>>
}

/** Checks a route's types against each other; afterwards routes of all kinds can stand in one list. */
export const defineRoute = <P, Q, B, R>(route: Route<P, Q, B, R>): Route => route as unknown as Route
