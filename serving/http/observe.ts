import type { RequestHandler } from 'express'
import type { Logger } from '../../log.ts'
import type { ServiceMetrics } from './metrics.ts'
import { newFacts } from './request-facts.ts'

/** Gives the request its id; when it is answered, writes one log line and counts it. Neither holds personal data. */
export function observe(log: Logger, metrics: ServiceMetrics): RequestHandler {
  return (request, response, next) => {
    const facts = newFacts(request.headers['x-request-id'])
    response.locals.facts = facts
    response.setHeader('x-request-id', facts.requestId)
    response.once('close', () => {
      const ms = performance.now() - facts.startedAt
      // A client that went away before the answer: nginx's number for it.
      const status = response.writableFinished ? response.statusCode : 499
      metrics.observe(request.method, facts.route, status, ms / 1000, facts.fallback)
      log.info(
        {
          requestId: facts.requestId,
          method: request.method,
          route: facts.route,
          status,
          ms: Math.round(ms * 100) / 100,
          code: facts.code,
          fallback: facts.fallback,
        },
        'request',
      )
    })
    next()
  }
}
