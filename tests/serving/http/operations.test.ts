import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startTestService } from '../../support/service-world.ts'
import { useService } from '../../support/use-service.ts'

const { world, service } = useService()

describe('the operators’ endpoints', () => {
  it('say that the service is alive and ready', async () => {
    expect((await service.get('/healthz')).body).toEqual({ status: 'alive' })
    const { status, body } = await service.get('/readyz')
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'ready', problems: [], store: 'up', catalogue: { contents: 13 } })
  })

  it('count requests, fallbacks, model versions and the age of the features', async () => {
    await service.get('/v1/users/nobody/recommendations')
    const { body, headers } = await service.get('/metrics')
    expect(headers.get('content-type')).toContain('text/plain')
    expect(body).toMatch(
      /request_duration_seconds_count\{method="GET",route="\/v1\/users\/\{id\}\/recommendations",status="200"\} \d/,
    )
    expect(body).toContain(
      'contentflow_fallbacks_total{route="/v1/users/{id}/recommendations",reason="unknown-user"} 1',
    )
    expect(body).toContain('contentflow_model_version{model="recommender"} 1')
    // The features are as of the 10th (the day after the last event), and it is the 11th, noon.
    expect(body).toMatch(/contentflow_feature_age_seconds\{view="user_activity"\} 129600/)
    expect(body).not.toContain('nobody')
  })

  it('tell the models with their baselines and the reason of the gate', async () => {
    const { body } = await service.get('/v1/models')
    const model = body.models.find((one: { name: string }) => one.name === 'recommender')
    expect(model).toMatchObject({ serving: 1, refused: null })
    expect(model.versions[0]).toMatchObject({
      version: 1,
      aliases: expect.arrayContaining(['champion']),
      verdict: { action: 'promote', reason: 'beats popularity' },
      metrics: [{ metric: 'ndcg@10', model: { value: 0.2 }, baselines: { popularity: { value: 0.1 } } }],
    })
  })

  it('set the headers that protect a browser, and none that tell the software', async () => {
    const { headers } = await service.get('/v1/trending')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('etag')).toBeNull()
  })

  it('keep the request id of the client, unless it is odd', async () => {
    const kept = await service.get('/healthz', { 'x-request-id': 'abc-123' })
    expect(kept.headers.get('x-request-id')).toBe('abc-123')
    const replaced = await service.get('/healthz', { 'x-request-id': '<script>' })
    expect(replaced.headers.get('x-request-id')).toMatch(/^[\w-]+$/)
  })
})

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly example?: string }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example: unknown } } }
  readonly responses: Record<
    string,
    { readonly content: { readonly 'application/json': { readonly schema: unknown } } }
  >
}

describe('/openapi.json', () => {
  it('is OpenAPI 3.1 whose examples work and whose schemas hold for the answers', async () => {
    const { body: document } = await service.get('/openapi.json')
    expect(document.openapi).toBe('3.1.0')
    const { parameters } = document.paths['/v1/users/{id}/recommendations'].get
    const limit = parameters.find((parameter: { name: string }) => parameter.name === 'limit')
    expect(limit.schema).toEqual({ type: 'integer', minimum: 1, maximum: 100, default: 10 })
    const text = JSON.stringify(document)
    for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(document.components.schemas).toHaveProperty(name!)
    }
    for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const { status, body } = await callExample(path, method, operation)
        expect(`${operation.operationId} ${status}`).toBe(`${operation.operationId} 200`)
        const schema = inlined(operation.responses['200']!.content['application/json'].schema, document)
        const parsed = z.fromJSONSchema(schema).safeParse(body)
        expect(`${operation.operationId} ${JSON.stringify(parsed.error?.issues ?? [])}`).toBe(
          `${operation.operationId} []`,
        )
      }
    }
  })

  function callExample(path: string, method: string, operation: Operation) {
    let url = path
    const query = new URLSearchParams()
    for (const { name, in: place, example } of operation.parameters) {
      if (example === undefined) continue
      if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(example))
      else query.set(name, example)
    }
    if (method === 'get') return service.get(`${url}?${query}`)
    return service.post(url, operation.requestBody!.content['application/json'].example)
  }

  /** The schema with its references to components replaced by what they mean. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON Schema
  function inlined(schema: any, document: any): any {
    if (Array.isArray(schema)) return schema.map((inner) => inlined(inner, document))
    if (typeof schema !== 'object' || schema === null) return schema
    if (typeof schema.$ref === 'string')
      return inlined(document.components.schemas[schema.$ref.split('/').at(-1)], document)
    return Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, inlined(inner, document)]))
  }
})

describe('API keys', () => {
  it('are asked for when there are any, in either header, but not by the open endpoints', async () => {
    const locked = await world.start({ API_KEYS: 'first, second' })
    const refused = await locked.get('/v1/trending')
    expect(refused).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
    expect((await locked.get('/v1/trending', { 'x-api-key': 'third' })).status).toBe(401)
    expect((await locked.get('/v1/trending', { 'x-api-key': 'second' })).status).toBe(200)
    expect((await locked.get('/v1/trending', { authorization: 'Bearer first' })).status).toBe(200)
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/']) {
      expect((await locked.get(path)).status).toBe(200)
    }
    await locked.close()
  })

  it('are required on a public address', async () => {
    await expect(world.start({ HOST: '0.0.0.0' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('API_KEYS'),
    })
  })
})

describe('the service', () => {
  it('refuses more bodies at once than it can take, and answers those who only ask meanwhile', async () => {
    const narrow = await world.start({}, { mostInFlight: 1 })
    const { hostname, port } = new URL(narrow.url)
    const post = () => narrow.post('/v1/recommendations:batch', { users: ['user-1'] })
    // A body that does not come is one body under way.
    const held = connect(Number(port), hostname)
    held.on('error', () => {})
    held.write('POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n')
    await expect.poll(() => post().then((answer) => answer.status)).toBe(503)
    const refused = await post()
    expect(refused).toMatchObject({ body: { code: 'TOO_BUSY' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await narrow.get('/v1/trending')).status).toBe(200)
    held.destroy()
    await expect.poll(() => post().then((answer) => answer.status)).toBe(200)
    await narrow.close()
  })

  it('answers what is under way when it is told to stop', async () => {
    const stopping = await world.start()
    const body = JSON.stringify({ users: ['user-1'] })
    const headers = { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' }
    const slow = request(`${stopping.url}/v1/recommendations:batch`, { method: 'POST', headers })
    slow.flushHeaders()
    await once(slow, 'continue') // the service has begun with the request
    const stopped = stopping.close()
    await sleep(1000) // no new connection is taken any more
    await expect(stopping.get('/healthz')).rejects.toThrow()
    slow.end(body)
    const [response] = await once(slow, 'response')
    expect(response.statusCode).toBe(200)
    response.resume()
    await stopped
  })

  it('says that its port is taken', async () => {
    const { port } = new URL(service.url)
    await expect(world.start({ PORT: port })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(port),
    })
    // It was noticed before anything was loaded: a folder that does not exist would have been made.
    const dataDir = join(tmpdir(), `contentflow-never-${port}`)
    await expect(startTestService({ dataDir }, { PORT: port })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(existsSync(dataDir)).toBe(false)
  })

  it('starts with nothing at all, and says what to run', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'contentflow-empty-'))
    const empty = await startTestService({ dataDir })
    const ready = await empty.get('/readyz')
    expect(ready).toMatchObject({ status: 503, body: { status: 'not ready' } })
    const recommended = await empty.get('/v1/users/user-1/recommendations')
    expect(recommended).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('features materialise') },
    })
    const predicted = await empty.post('/v1/predictions/engagement', { creatorId: 'creator-1', title: 'x' })
    expect(predicted).toMatchObject({
      status: 503,
      body: { code: 'MODEL_MISSING', detail: expect.stringContaining('contentflow train engagement') },
    })
    await empty.close()
    await rm(dataDir, { recursive: true })
  })
})
