import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceWorld, type ServiceWorld, type TestService, testNow } from '../../support/service-world.ts'

let world: ServiceWorld
let service: TestService

beforeAll(async () => {
  world = await createServiceWorld(['neu-mf'])
  service = await world.start({ BODY_LIMIT_BYTES: '100000' })
})

afterAll(async () => {
  await service.close()
  await world.remove()
})

const recommendations = '/v1/users/user-1/recommendations'
const problem = { type: expect.stringMatching(/^\/docs#/), title: expect.any(String), requestId: expect.any(String) }

describe('a wrong parameter', () => {
  it.each(['0', '-1', '1e9', '101', 'ten', '1.5', ''])('limit=%s is refused with its range', async (limit) => {
    const { status, headers, body } = await service.get(`${recommendations}?limit=${limit}`)
    expect(status).toBe(400)
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(body).toMatchObject({ ...problem, status: 400, code: 'INPUT_INVALID' })
    expect(body.errors).toEqual([
      { field: 'limit', message: `expected an integer from 1 to 100, got ${JSON.stringify(limit)}` },
    ])
  })

  it('given twice is refused', async () => {
    expect((await service.get(`${recommendations}?limit=1&limit=2`)).body.errors[0].field).toBe('limit')
  })

  it('that does not exist is named, with those that do', async () => {
    const { status, body } = await service.get(`${recommendations}?limits=3`)
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field: 'limits', message: 'unknown; expected limit' }])
  })
})

describe('an odd id', () => {
  it.each([
    'a/b',
    '../../etc/passwd',
    '🎬🙂',
    "x'; drop table dim_user; --",
    '%00'.slice(0, 1),
    'constructor',
    '__proto__',
    'a'.repeat(256),
  ])('%s is just an unknown user', async (id) => {
    const { status, body } = await service.get(`/v1/users/${encodeURIComponent(id)}/recommendations`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ userId: id, fallback: { reason: 'unknown-user' } })
  })

  it.each(['%00', 'a%0Ab', 'a'.repeat(257)])('%s is refused', async (id) => {
    const { status, body } = await service.get(`/v1/users/${id}/recommendations`)
    expect(status).toBe(400)
    expect(body.errors[0].field).toBe('id')
  })

  it('that is not UTF-8 is refused', async () => {
    expect((await service.get('/v1/users/%E0%A4%A/recommendations')).status).toBe(400)
  })
})

describe('a wrong body', () => {
  const post = '/v1/predictions/engagement'

  it.each(['{"a":', 'hello'])('that is not JSON (%s) is refused', async (text) => {
    const { status, body } = await service.post(post, text)
    expect(status).toBe(400)
    expect(body).toMatchObject({ ...problem, code: 'INPUT_INVALID', errors: [{ field: 'body' }] })
  })

  it.each(['null', '[]', '3', '"x"'])('that is no object (%s) is refused', async (text) => {
    expect((await service.post(post, text)).status).toBe(400)
  })

  it('of another content-type is refused', async () => {
    const { status, body } = await service.post(post, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })
    expect(status).toBe(415)
    expect(body.detail).toContain('application/json')
  })

  it('of 10 MB is refused, and the service goes on', async () => {
    const { status, body } = await service.post(post, JSON.stringify({ title: 'x'.repeat(10_000_000) }))
    expect(status).toBe(413)
    expect(body).toMatchObject({ code: 'TOO_LARGE', detail: expect.stringContaining('100000') })
    expect((await service.get('/healthz')).status).toBe(200)
  })

  it('nested ten thousand deep is refused without a stack trace', async () => {
    const { status, body } = await service.post(post, `${'['.repeat(10_000)}${']'.repeat(10_000)}`)
    expect(status).toBe(400)
    expect(JSON.stringify(body)).not.toContain('.ts:')
  })

  it('names every wrong field with what was expected and what came', async () => {
    const { status, body } = await service.post(post, {
      title: 5,
      durationSeconds: -1,
      colour: 'red',
      plannedAt: 'soon',
    })
    expect(status).toBe(400)
    const fields = body.errors.map((error: { field: string }) => error.field)
    expect(fields.sort()).toEqual(['colour', 'creatorId', 'durationSeconds', 'plannedAt', 'title'])
    expect(body.detail).toContain('title: expected a text, got 5')
    expect(body.detail).toContain('durationSeconds: expected seconds, 0 or more, got -1')
  })

  it('of a batch of too many users is refused with the range', async () => {
    const users = Array.from({ length: 101 }, (_, i) => `u${i}`)
    const { status, body } = await service.post('/v1/recommendations:batch', { users })
    expect(status).toBe(400)
    expect(body.errors[0]).toMatchObject({ field: 'users', message: expect.stringContaining('1 to 100') })
    expect((await service.post('/v1/recommendations:batch', { users: [] })).status).toBe(400)
  })
})

describe('a wrong event', () => {
  const event = { userId: 'user-1', contentId: 'content-1', eventType: 'view' }

  it('is named by its place, and nothing of the batch is kept', async () => {
    const before = (await service.get('/v1/users/user-b/recommendations')).body.fallback.reason
    const events = [
      { ...event, userId: 'user-b' },
      { ...event, eventType: 'applaud' },
      { ...event, completion: 2 },
    ]
    const { status, body } = await service.post('/v1/events', { events })
    expect(status).toBe(400)
    const fields = body.errors.map((error: { field: string }) => error.field)
    expect(fields).toEqual(['events.1.eventType', 'events.2.completion'])
    expect(body.errors[0].message).toContain('view, like')
    expect((await service.get('/v1/users/user-b/recommendations')).body.fallback.reason).toBe(before)
  })

  it('in the future, as milliseconds are, is refused', async () => {
    const { status, body } = await service.post('/v1/events', { ...event, occurredAt: Date.now() })
    expect(status).toBe(400)
    expect(body.errors[0]).toMatchObject({ field: 'occurredAt', message: expect.stringContaining('seconds') })
  })

  const day = 86_400
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()

  it.each([
    0,
    iso(0),
    '0001-01-01T00:00:00Z',
    testNow - 91 * day,
    iso(testNow - 91 * day),
    testNow + 2 * 3600,
    iso(testNow + 2 * 3600),
  ])('at %s, is refused with the days that count', async (occurredAt) => {
    const { status, body } = await service.post('/v1/events', { events: [event, { ...event, occurredAt }] })
    expect(status).toBe(400)
    expect(body.errors[0].field).toBe('events.1.occurredAt')
    // Before 1970 it is not even a moment.
    const expected = occurredAt === '0001-01-01T00:00:00Z' ? 'since 1970' : 'last 90 days'
    expect(body.errors[0].message).toContain(expected)
  })

  it.each([testNow - 89 * day, iso(testNow - 89 * day), testNow + 1800])(
    'at %s, within the last 90 days or nearly now, is taken',
    async (occurredAt) => {
      const posted = await service.post('/v1/events', { ...event, userId: 'user-times', occurredAt })
      expect(posted).toMatchObject({ status: 200, body: { accepted: 1 } })
    },
  )

  it.each([
    ['userId', 'half \ud83d', 'surrogates'],
    ['contentId', '\udc00', 'surrogates'],
    ['eventId', 'e\ud800e', 'surrogates'],
    ['platform', '', '1 to 100'],
    ['platform', 'you\udc00', 'surrogates'],
    ['watchSeconds', 1e12, '0 to 86400'],
    ['value', 1e308, '0 to 100'],
    ['value', -5, '0 to 100'],
  ])('with %s %j, is refused with what was expected', async (field, value, expected) => {
    const { status, body } = await service.post('/v1/events', { ...event, [field]: value })
    expect(status).toBe(400)
    expect(body.errors).toMatchObject([{ field, message: expect.stringContaining(expected) }])
  })

  it('at its bounds, and with whole emoji in its ids, is taken', async () => {
    const bounds = { ...event, userId: 'user-🎬', platform: 'x', watchSeconds: 86_400, value: 100 }
    expect(await service.post('/v1/events', bounds)).toMatchObject({ status: 200, body: { accepted: 1 } })
  })

  it.each([0, 1001])('in a batch of %d is refused', async (count) => {
    const events = Array.from({ length: count }, () => event)
    const { status, body } = await service.post('/v1/events', { events })
    expect([400, 413]).toContain(status)
    if (status === 400) expect(body.errors[0].message).toContain('1 to 1000')
  })
})

describe('a wrong path or method', () => {
  it('is 404 with a hint', async () => {
    const { status, body } = await service.get('/v1/nothing')
    expect(status).toBe(404)
    expect(body).toMatchObject({ code: 'NOT_FOUND', detail: expect.stringContaining('/docs') })
  })

  it('is 405 with the methods that are allowed', async () => {
    const { status, headers } = await service.post(recommendations, {})
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, HEAD')
  })

  it('given as garbage instead of HTTP closes the connection, not the service', async () => {
    const { hostname, port } = new URL(service.url)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end('NOT HTTP AT ALL\r\n\r\n'))
      socket
        .on('close', () => resolve())
        .on('error', () => resolve())
        .resume()
    })
    expect((await service.get('/healthz')).status).toBe(200)
  })
})
