import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { testNow } from '../../support/service-world.ts'
import { useService } from '../../support/use-service.ts'

const { service } = useService(['recommender'], { BODY_LIMIT_BYTES: '100000' })

const recommendations = '/v1/users/user-1/recommendations'
const problem = { type: expect.stringMatching(/^\/docs#/), title: expect.any(String), requestId: expect.any(String) }

/** As errors show a text: quoted, no more than 80 characters. */
const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)

describe('a wrong parameter', () => {
  it.each(['0', '-1', '1e9', '101', 'ten', '1.5', '', '1e1', ' 1', '1 ', '+5', '0x5', '5.0', '٣', '9'.repeat(400)])(
    'limit=%s is refused with its range',
    async (limit) => {
      const { status, headers, body } = await service.get(`${recommendations}?limit=${encodeURIComponent(limit)}`)
      expect(status).toBe(400)
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(body).toMatchObject({ ...problem, status: 400, code: 'INPUT_INVALID' })
      expect(body.errors).toEqual([
        { field: 'limit', message: `expected an integer from 1 to 100, got ${shown(limit)}` },
      ])
    },
  )

  it('given twice is refused', async () => {
    const { status, body } = await service.get(`${recommendations}?limit=1&limit=2`)
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field: 'limit', message: 'expected an integer from 1 to 100, got a list' }])
    const twice = await service.get('/v1/trending?platform=a&platform=b')
    expect(twice.body.errors).toEqual([{ field: 'platform', message: 'expected a text, got a list' }])
  })

  it('that does not exist is named on every route, with those that do', async () => {
    const { body: document } = await service.get('/openapi.json')
    const routes = Object.entries<Record<string, { parameters: { name: string; in: string }[] }>>(document.paths)
    for (const [path, methods] of routes) {
      const [method, { parameters }] = Object.entries(methods)[0]!
      const url = `${path.replace('{id}', 'content-1')}?limti=5`
      const answer = method === 'get' ? await service.get(url) : await service.post(url, {})
      const known = parameters.filter((one) => one.in === 'query').map((one) => one.name)
      expect([path, answer.status]).toEqual([path, 400])
      const message = `unknown; expected ${known.join(', ') || 'none'}`
      expect(answer.body.errors).toEqual([{ field: 'limti', message }])
    }
    expect(routes.length).toBeGreaterThan(10)
  })

  it('among a thousand is refused with the first twenty of them', async () => {
    const many = Array.from({ length: 900 }, (_, i) => `p${i}=1`).join('&')
    const { status, body } = await service.get(`/v1/trending?${many}`)
    expect(status).toBe(400)
    expect(body.errors).toHaveLength(20)
    expect(body.detail).toContain('and 880 more')
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

  it.each(['{"a":', 'hello', '[[[[', '{"a":1}x'])('that is not JSON (%s) is refused', async (text) => {
    const { status, body } = await service.post(post, text)
    expect(status).toBe(400)
    expect(body).toMatchObject({ ...problem, code: 'INPUT_INVALID', errors: [{ field: 'body' }] })
  })

  it('with a number that breaks two bounds, has one error', async () => {
    for (const views of [1e11, 1e300, -1.5]) {
      const { body } = await service.post('/v1/predictions/virality', { creatorId: 'creator-1', early: { views } })
      const errors = body.errors.filter(({ field }: { field: string }) => field === 'early.views')
      expect(errors.map(({ message }: { message: string }) => message)).toEqual([
        `expected a whole number from 0 to 10000000000, got ${JSON.stringify(views)}`,
      ])
    }
  })

  it.each([
    ['null', 'null'],
    ['[]', 'a list'],
    ['3', '3'],
    ['"x"', '"x"'],
    ['', 'nothing'],
  ])('that is no object (%s) is refused by every route in the same words', async (text, got) => {
    for (const path of ['predictions/engagement', 'predictions/virality', 'recommendations:batch', 'events']) {
      const { status, body } = await service.post(`/v1/${path}`, text)
      expect([path, status]).toEqual([path, 400])
      expect(body.errors).toEqual([{ field: 'body', message: `expected a JSON object, got ${got}` }])
    }
  })

  it.each([
    ['predictions/engagement', { title: null }, 'title', 'expected a text, got null'],
    ['predictions/engagement', { tags: 'a' }, 'tags', 'expected a list, got "a"'],
    ['predictions/engagement', { tags: [1] }, 'tags.0', 'expected a text, got 1'],
    ['predictions/engagement', { plannedAt: 1e300 }, 'plannedAt', 'before the year 2100, got 1e+300'],
    ['predictions/engagement', { plannedAt: 1_790_000_000_000 }, 'plannedAt', 'not milliseconds'],
    ['predictions/engagement', { plannedAt: '0001-01-01T00:00:00Z' }, 'plannedAt', 'since 1970'],
    ['predictions/engagement', { durationSeconds: 1e300 }, 'durationSeconds', 'expected seconds from 0 to 2592000'],
    ['predictions/virality', { early: [] }, 'early', 'expected a JSON object, got a list'],
    ['predictions/virality', { early: { views: 1.5 } }, 'early.views', 'expected a whole number from 0 to 10000000000'],
    [
      'predictions/virality',
      { early: { views: 1e11 } },
      'early.views',
      'expected a whole number from 0 to 10000000000',
    ],
    [
      'predictions/virality',
      { early: { ['v'.repeat(200)]: 1 } },
      `early.${'v'.repeat(94)}…`,
      'expected a shorter name',
    ],
    ['recommendations:batch', { users: 'user-1' }, 'users', 'expected a list of user ids, got "user-1"'],
    ['recommendations:batch', { users: [{}] }, 'users.0', 'expected a text, got an object'],
    ['recommendations:batch', { users: ['u'], limit: '5' }, 'limit', 'expected an integer from 1 to 100, got "5"'],
    ['events', { events: {} }, 'events', 'expected a list of events, got an object'],
    ['events', { events: [7] }, 'events.0', 'expected a JSON object, got 7'],
    ['events', { completion: -1 }, 'completion', 'expected a share from 0 to 1, got -1'],
  ])('of %s that says %j names %s and what was expected', async (path, given, field, message) => {
    const { status, body } = await service.post(`/v1/${path}`, given)
    expect(status).toBe(400)
    expect(body.errors).toContainEqual({ field, message: expect.stringContaining(message) })
    expect(JSON.stringify(body)).not.toContain('Invalid')
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
    expect(body.detail).toContain('durationSeconds: expected seconds from 0 to 2592000, got -1')
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

  it.each(['/metrics', '/healthz', '/readyz', '/openapi.json'])(
    '%s of what operators ask, is 405 but for GET and HEAD',
    async (path) => {
      for (const method of ['PUT', 'DELETE', 'POST']) {
        const answer = await fetch(`${service.url}${path}`, { method })
        expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD'])
        expect(await answer.json()).toMatchObject({ code: 'INPUT_INVALID', status: 405 })
      }
      expect((await fetch(`${service.url}${path}`, { method: 'HEAD' })).status).toBe(200)
    },
  )

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
