import { type Response, Router } from 'express'
import type { ServiceContext } from './context.ts'
import type { ServiceMetrics } from './metrics.ts'
import { refuseMethod } from './refuse-method.ts'
import { factsOf } from './request-facts.ts'
import { sendJson } from './send.ts'

/** What operators ask: open to everyone, and without personal data. */
export function openRoutes(
  context: ServiceContext,
  document: unknown,
  metrics: ServiceMetrics,
  serveMetrics: boolean,
): Router {
  const router = Router()
  const get = (path: string, answer: (response: Response) => void | Promise<void>): void => {
    router
      .route(path)
      .all((_request, response, next) => {
        factsOf(response).route = path
        next()
      })
      .get((_request, response) => answer(response))
      .all(refuseMethod(['GET']))
  }
  get('/healthz', (response) => sendJson(response, 200, { status: 'alive' }))
  get('/readyz', (response) => {
    const readiness = readinessOf(context)
    sendJson(response, readiness.status === 'not ready' ? 503 : 200, readiness)
  })
  get('/openapi.json', (response) => sendJson(response, 200, document))
  if (serveMetrics) {
    get('/metrics', async (response) => {
      const text = await metrics.text()
      response.setHeader('content-type', metrics.contentType)
      response.end(text)
    })
  }
  return router
}

/**
 * Whether to send requests here. A store or registry that is away degrades the service, which still answers from memory, marked;
 * taking it out of the balance as well would leave no answer at all.
 */
function readinessOf(context: ServiceContext) {
  const { phase, store, live, models } = context
  const contents = live.view.catalogue.cards.length
  // What is not loaded yet is not missing.
  const problems = phase() === 'starting' ? ['loading models and catalogue'] : problemsOf(context)
  const status = phase() !== 'serving' || contents === 0 ? 'not ready' : problems.length > 0 ? 'degraded' : 'ready'
  return {
    status,
    problems,
    store: store.error === undefined ? 'up' : 'away',
    catalogue: { version: live.view.catalogue.version ?? null, contents },
    models: Object.fromEntries(models.status().map(({ name, serving }) => [name, serving])),
  }
}

function problemsOf({ phase, store, live, models }: ServiceContext): string[] {
  const registryError = models.registryError()
  const problems: string[] = []
  if (phase() === 'draining') problems.push('shutting down')
  if (store.error !== undefined) problems.push(`online store: ${store.error.message}`)
  if (live.view.catalogue.cards.length === 0) {
    problems.push('nothing is materialised: run `contentflow features materialise`')
  }
  if (registryError !== undefined) problems.push(`registry: ${registryError.message}`)
  for (const { name, serving, refused, standIn } of models.status()) {
    const instead = standIn === null ? '' : `; version ${standIn.version} was refused, its neighbour lists answer`
    if (serving === null && refused === null) problems.push(`${name}: no champion${instead}`)
    if (refused !== null) problems.push(`${name}: version ${refused.version} refused: ${refused.message}`)
  }
  return problems
}
