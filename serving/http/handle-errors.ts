import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from '../../log.ts'
import { HttpRefusal, problemOf } from './problem.ts'
import { factsOf } from './request-facts.ts'
import { sendJson } from './send.ts'

/** Answers what nothing else answered. */
export const refuseUnknownPath: RequestHandler = (request) => {
  throw new HttpRefusal(
    404,
    'NOT_FOUND',
    `There is no ${request.method} ${request.path}. GET /docs lists what there is.`,
  )
}

/** Turns anything thrown into a problem document; what is a bug is logged with its stack. */
export function handleErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const facts = factsOf(response)
    if (response.headersSent) {
      log.error({ requestId: facts.requestId, route: facts.route, err: error }, 'answer broken off')
      response.destroy()
      return
    }
    const problem = problemOf(error, request.originalUrl, facts.requestId)
    facts.code = problem.code
    if (problem.status === 500)
      log.error({ requestId: facts.requestId, route: facts.route, err: error }, 'request failed')
    if (problem.status === 503 && !response.hasHeader('retry-after')) response.setHeader('retry-after', '5')
    sendJson(response, problem.status, problem, 'application/problem+json')
  }
}
