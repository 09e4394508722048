import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answerTo } from '../../support/answer-to.ts'
import { useService } from '../../support/use-service.ts'

const { service } = useService(['recommender'])
const post = '/v1/predictions/engagement'

const raw = (text: string): Promise<string> => answerTo(service.url, text)

describe('a body made to be costly', () => {
  it.each([
    ['opened 800,000 times', '['.repeat(800_000)],
    ['nested 400,000 deep', `${'['.repeat(400_000)}${']'.repeat(400_000)}`],
    ['nested 9 deep', `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`],
  ])('%s is refused before it is parsed', async (_, text) => {
    const { status, body } = await service.post(post, text)
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field: 'body', message: expect.stringContaining('at most 8 deep') }])
    expect(JSON.stringify(body)).not.toContain('.ts:')
  })

  const members = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":1`).join()

  it.each([
    ['80,000 names', `{${members(80_000)}}`],
    ['40,000 objects, each of its own form', `[${Array.from({ length: 40_000 }, (_, i) => `{"a${i}":1}`).join()}]`],
    ['300,000 lists', `[${'[],'.repeat(300_000)}[]]`],
  ])('of %s is refused before it is parsed', async (_, text) => {
    const { status, body } = await service.post(post, text)
    expect(status).toBe(413)
    expect(body).toMatchObject({ code: 'TOO_LARGE', detail: expect.stringContaining('at most 12000') })
  })

  it('of as many unknown names as pass is answered with the first twenty', async () => {
    const { status, body } = await service.post(post, `{${members(11_000)}}`)
    expect(status).toBe(400)
    expect(body.errors).toHaveLength(20)
    expect(JSON.stringify(body).length).toBeLessThan(10_000)
  })

  it('of a thousand wrong events is answered with the first of them', async () => {
    const events = Array.from({ length: 1000 }, (_, i) => ({ [`a${i}`]: 1, userId: 'u', eventType: 'view' }))
    const { status, body } = await service.post('/v1/events', { events })
    expect(status).toBe(400)
    // Two errors in each: the name that is unknown, and the content that is missing.
    expect(body.errors).toHaveLength(20)
    expect(body.errors.at(-1).field).toMatch(/^events\.9\./)
  })

  it('with signs in its texts is read as the text that it is', async () => {
    const title = `${'[{,'.repeat(100)}\\"]"`
    const { status, body } = await service.post(post, { title, creatorId: 7 })
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field: 'creatorId', message: 'expected a text, got 7' }])
  })

  it('with a value of a megabyte is answered in a few words', async () => {
    const { status, body } = await service.post(post, { title: 'x', creatorId: 'a'.repeat(1_000_000) })
    expect(status).toBe(400)
    expect(body.errors[0]).toMatchObject({ field: 'creatorId', message: expect.stringContaining('1 to 256') })
    expect(JSON.stringify(body).length).toBeLessThan(1000)
  })

  it('of ten thousand ids is refused with the range', async () => {
    const users = Array.from({ length: 10_000 }, (_, i) => `u${i}`)
    const { status, body } = await service.post('/v1/recommendations:batch', { users })
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ field: 'users', message: 'expected 1 to 100 user ids, got a list' }])
  })

  it('that is zipped counts as long as it is unpacked', async () => {
    const send = async (bytes: Buffer, encoding = 'gzip'): Promise<Response> =>
      fetch(`${service.url}${post}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        body: bytes,
      })
    expect((await send(gzipSync(Buffer.alloc(20_000_000, 32)))).status).toBe(413)
    const plain = await send(gzipSync('{"creatorId":7,"title":"x"}'))
    expect(plain.status).toBe(400)
    expect(await plain.text()).toContain('expected a text, got 7')
    expect((await send(gzipSync('{}').subarray(0, 10))).status).toBe(400)
    expect((await send(Buffer.from('{}'), 'rot13')).status).toBe(415)
  })

  it('in another encoding than UTF-8 is refused', async () => {
    const utf16 = await service.post(post, '{}', { 'content-type': 'application/json; charset=utf-16' })
    expect(utf16).toMatchObject({ status: 415, body: { detail: expect.stringContaining('UTF-8') } })
    const latin = await fetch(`${service.url}${post}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{"title":"\xe9"}', 'latin1'),
    })
    expect(latin.status).toBe(400)
    expect(await latin.text()).toContain('expected UTF-8')
  })
})

describe('a request that is hardly HTTP', () => {
  it('with headers of a megabyte is refused as a problem document', async () => {
    const answer = await raw(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(1_000_000)}\r\n\r\n`)
    // The connection may break before the client, still sending, has read the answer.
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1.1 431 .*problem\+json.*"code":"TOO_LARGE"/s)
    const smaller = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`)
    expect(smaller).toMatch(/^HTTP\/1.1 431 .*problem\+json.*"code":"TOO_LARGE"/s)
  })

  it('that is no HTTP at all is refused as a problem document, and the service goes on', async () => {
    expect(await raw('NOT HTTP AT ALL\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*"code":"INPUT_INVALID"/s)
    expect((await service.get('/healthz')).status).toBe(200)
  })

  it('of a hundred at once on one connection is answered in order', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => `pipe-${i}`)
    const requests = ids.map(
      (id) => `GET /v1/users/u/recommendations?limit=1 HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\n`,
    )
    const answers = await raw(`${requests.join('\r\n')}connection: close\r\n\r\n`)
    expect([...answers.matchAll(/x-request-id: (\S+)/g)].map(([, id]) => id)).toEqual(ids)
  })

  it('that expects what nobody knows is told so', async () => {
    const head = `POST ${post} HTTP/1.1\r\nhost: x\r\nexpect: a miracle\r\ncontent-length: 2\r\nconnection: close\r\n\r\n`
    expect(await raw(head)).toMatch(/^HTTP\/1.1 417 /)
  })
})
