import type { RequestHandler, Response } from 'express'
import { AppError } from '../../errors.ts'
import type { ServiceMetrics } from './metrics.ts'

/**
 * Refuses requests beyond so many at once: a queue would only make everyone wait. The client is told when to come back.
 *
 * Bodies on their way and answers in the making are counted apart: clients that send their bodies byte by byte stand in the way of
 * others with a body at most, never of those who only ask.
 *
 * @param most of each at once, ≥ 1
 */
export function limitInFlight(
  most: number,
  metrics: ServiceMetrics,
): { readonly bodies: RequestHandler; readonly answers: RequestHandler } {
  let bodies = 0
  let answers = 0
  const refuse = (response: Response, count: number): AppError => {
    metrics.countShed()
    response.setHeader('retry-after', '1')
    return new AppError('TOO_BUSY', `${count} requests are under way, which is the most. Try again in a second.`)
  }
  return {
    bodies(request, response, next) {
      if (bodies >= most) throw refuse(response, bodies)
      bodies++
      let here = false
      const release = (): void => {
        if (!here) bodies--
        here = true
      }
      request.once('end', release)
      response.once('close', release)
      next()
    },
    answers(_request, response, next) {
      if (answers >= most) throw refuse(response, answers)
      metrics.setInFlight(++answers)
      response.once('close', () => metrics.setInFlight(--answers))
      next()
    },
  }
}
