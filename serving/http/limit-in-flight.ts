import type { RequestHandler } from 'express'
import { AppError } from '../../errors.ts'
import type { ServiceMetrics } from './metrics.ts'

/**
 * Refuses requests beyond so many at once: a queue would only make everyone wait. The client is told when to come back.
 *
 * @param most requests under way at once, ≥ 1
 */
export function limitInFlight(most: number, metrics: ServiceMetrics): RequestHandler {
  let inFlight = 0
  return (_request, response, next) => {
    if (inFlight >= most) {
      metrics.countShed()
      response.setHeader('retry-after', '1')
      throw new AppError('TOO_BUSY', `${inFlight} requests are under way, which is the most. Try again in a second.`)
    }
    metrics.setInFlight(++inFlight)
    response.once('close', () => metrics.setInFlight(--inFlight))
    next()
  }
}
