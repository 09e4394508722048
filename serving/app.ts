import express, { type Express, type RequestHandler } from 'express'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { authenticate } from './http/authenticate.ts'
import type { ServiceContext } from './http/context.ts'
import { handleErrors, refuseUnknownPath } from './http/handle-errors.ts'
import { limitInFlight } from './http/limit-in-flight.ts'
import { ServiceMetrics } from './http/metrics.ts'
import { mountRoutes } from './http/mount-routes.ts'
import { observe } from './http/observe.ts'
import { openRoutes } from './http/open-routes.ts'
import { openApi } from './http/openapi.ts'
import { pages } from './http/pages.ts'
import type { Patience } from './http/patience.ts'
import { allRoutes } from './http/routes/index.ts'
import { securityHeaders } from './http/security-headers.ts'

export interface AppOptions {
  readonly config: Pick<Config, 'apiKeys' | 'bodyLimitBytes' | 'metrics'>
  readonly log: Logger
  /** Version of the product, for the docs. */
  readonly version: string
  /** Requests under way at once, 256 by default; more are refused. */
  readonly mostInFlight?: number
  readonly patience: Patience
}

/** The Express application over an assembled service. */
export function createApp(context: ServiceContext, options: AppOptions): Express {
  const { config, log, patience } = options
  const metrics = new ServiceMetrics()
  metrics.watch(context)
  const routes = allRoutes(context)
  const app = express()
  // Answers are per user and change all the time: an ETag would cost a hash and never match.
  app.set('etag', false)
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.use(observe(log, metrics), securityHeaders, closeWhenDraining(context))
  // What is asked most comes first: each path before it costs a comparison.
  app.use('/v1', authenticate(config.apiKeys), refuseWhileStarting(context))
  const limits = limitInFlight(options.mostInFlight ?? 256, metrics)
  app.use(mountRoutes(routes, context, { bodyLimitBytes: config.bodyLimitBytes, limits, patience }))
  app.use(openRoutes(context, openApi(routes, options.version), metrics, config.metrics))
  app.use(pages())
  app.use(refuseUnknownPath)
  app.use(handleErrors(log))
  return app
}

/** Tells clients that keep connections to open their next one elsewhere. */
const closeWhenDraining =
  ({ phase }: ServiceContext): RequestHandler =>
  (_request, response, next) => {
    if (phase() === 'draining') response.setHeader('connection', 'close')
    next()
  }

/** The port is taken before the models are loaded, so that a taken one is known at once; until then there is nothing to say. */
const refuseWhileStarting =
  ({ phase }: ServiceContext): RequestHandler =>
  (_request, response, next) => {
    if (phase() !== 'starting') return next()
    response.setHeader('retry-after', '1')
    throw new AppError('TOO_BUSY', 'The service is loading its models. Try again in a second.')
  }
