import { type Request, type RequestHandler, Router } from 'express'
import type { ServiceContext } from './context.ts'
import type { limitInFlight } from './limit-in-flight.ts'
import type { Patience } from './patience.ts'
import { FieldErrors, parseInput } from './problem.ts'
import { readJson } from './read-json.ts'
import { refuseMethod } from './refuse-method.ts'
import { factsOf } from './request-facts.ts'
import type { Route } from './route.ts'
import { sendJson } from './send.ts'
import { onlyLines, streamLines } from './stream-lines.ts'

interface MountOptions {
  readonly bodyLimitBytes: number
  readonly limits: ReturnType<typeof limitInFlight>
  readonly patience: Patience
}

/** A router of all routes: parse, answer, wrap in the envelope. Other methods on their paths get 405. */
export function mountRoutes(
  routes: readonly Route[],
  context: ServiceContext,
  { bodyLimitBytes, limits, patience }: MountOptions,
): Router {
  const router = Router({ caseSensitive: true })
  const readBody = [limits.bodies, ...readJson(bodyLimitBytes)]
  for (const route of routes) {
    if (route.lines !== undefined) {
      const { bodies, answers } = limits
      router[route.method](
        expressPath(route.path),
        onlyLines,
        noteRoute(route.path),
        bodies,
        answers,
        streamLines(route.lines, patience),
      )
    }
    const handlers = [noteRoute(route.path), ...(route.body === undefined ? [] : readBody), limits.answers]
    router[route.method](expressPath(route.path), ...handlers, answer(route, context))
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase())
    router.all(expressPath(path), noteRoute(path), refuseMethod(methods))
  }
  return router
}

/** `/v1/users/{id}` → `/v1/users/:id`; a colon of the path itself is escaped. */
const expressPath = (path: string): string => path.replaceAll(':', '\\:').replaceAll(/\{(\w+)\}/g, ':$1')

const noteRoute =
  (path: string): RequestHandler =>
  (_request, response, next) => {
    factsOf(response).route = path
    next()
  }

function answer(route: Route, context: ServiceContext): RequestHandler {
  return async (request, response) => {
    const facts = factsOf(response)
    const { status, body } = await route.handle({
      params: parseInput(route.params, request.params),
      query: parseInput(route.query, request.query),
      body: parseBody(route, request),
      requestId: facts.requestId,
    })
    const answered = body as { readonly fallback?: { readonly reason: string } | null }
    if (answered.fallback) facts.fallback = answered.fallback.reason
    sendJson(response, status ?? 200, {
      ...answered,
      synthetic: context.live.view.catalogue.synthetic,
      generatedAt: new Date(context.clock() * 1000).toISOString(),
      requestId: facts.requestId,
    })
  }
}

function parseBody(route: Route, request: Request): unknown {
  if (route.body === undefined) return undefined
  if (request.body === undefined) {
    throw new FieldErrors([{ field: 'body', message: 'expected a JSON object, got nothing' }])
  }
  return route.body.parse(request.body)
}
