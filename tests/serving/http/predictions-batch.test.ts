import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { longestLine, mostLines } from '../../../serving/http/stream-lines.ts'
import { useService } from '../../support/use-service.ts'

const { service } = useService(['engagement', 'virality'])

const titled = (title: string) => ({ creatorId: 'creator-1', title })
const path = '/v1/predictions/engagement:batch'

describe('a batch of drafts', () => {
  it('is answered in its order, each as it would be alone', async () => {
    const drafts = [titled('one'), { creatorId: 'new/one', title: 'one two' }, titled('')]
    const { status, body } = await service.post(path, { drafts })
    expect(status).toBe(200)
    expect(body.model).toEqual({ name: 'engagement', version: 1 })
    for (const [i, draft] of drafts.entries()) {
      const { body: alone } = await service.post('/v1/predictions/engagement', draft)
      expect(body.drafts[i]).toEqual({
        creatorId: draft.creatorId,
        predictions: alone.predictions,
        moment: 'before-publication',
        fallback: alone.fallback,
      })
    }
  })

  it('may hold the first counts of published contents', async () => {
    const drafts = [titled('a'), { ...titled('a'), early: { early_views: 7 } }]
    const { body } = await service.post('/v1/predictions/virality:batch', { drafts })
    expect(body.drafts.map((one: { probability: number }) => one.probability)).toEqual([
      0.5,
      expect.closeTo(0.880797, 5),
    ])
  })

  it('is refused with the place and the field of each draft that is wrong', async () => {
    const drafts = [titled('a'), { title: 'b' }, { ...titled('c'), durationSeconds: -1, colour: 'red' }]
    const { status, body } = await service.post(path, { drafts })
    expect(status).toBe(400)
    const fields = body.errors.map((error: { field: string }) => error.field)
    expect(fields.toSorted()).toEqual(['drafts.1.creatorId', 'drafts.2.colour', 'drafts.2.durationSeconds'])
    const early = await service.post('/v1/predictions/virality:batch', {
      drafts: [titled('a'), { ...titled('b'), early: { claps: 1 } }],
    })
    expect(early.body.errors[0].field).toBe('drafts.1.early.claps')
  })

  it.each([0, 1001])('of %d drafts is refused with the range', async (length) => {
    const { status, body } = await service.post(path, { drafts: Array.from({ length }, () => titled('a')) })
    expect(status).toBe(400)
    expect(body.errors[0]).toMatchObject({ field: 'drafts', message: expect.stringContaining('1 to 1000') })
  })

  it('of 10,000 drafts is refused, and told what takes them', async () => {
    const drafts = Array.from({ length: 10_000 }, () => titled('a'))
    const { status, body } = await service.post(path, { drafts })
    expect(status).toBe(413)
    expect(body.detail).toContain('expected at most')
  })

  it('of as many as are taken is answered', async () => {
    const drafts = Array.from({ length: 1000 }, (_, i) => titled('word '.repeat(1 + (i % 3))))
    const { status, body } = await service.post(path, { drafts })
    expect(status).toBe(200)
    expect(body.drafts.map((one: { predictions: { value: number }[] }) => one.predictions[0]!.value)).toEqual(
      drafts.map((_, i) => 100 * (1 + (i % 3))),
    )
  })
})

describe('a stream of drafts', () => {
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const post = async (text: string, to = path) => {
    const { status, headers, body } = await service.post(to, text, ndjson)
    const lines =
      typeof body === 'string'
        ? body
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
        : []
    return { status, headers, lines, body }
  }

  it('is answered by a line for each, with its number and the model', async () => {
    const text = [titled('one'), titled('one two')].map((draft) => JSON.stringify(draft)).join('\n')
    const { status, headers, lines } = await post(text)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    expect(lines).toMatchObject([
      { line: 1, creatorId: 'creator-1', predictions: [{ value: 100 }], model: { name: 'engagement', version: 1 } },
      { line: 2, creatorId: 'creator-1', predictions: [{ value: 200 }] },
    ])
  })

  it('answers what is wrong by a problem in its place, and the others', async () => {
    const text = [
      '{"creatorId":"creator-1","title":"a"}\r',
      '',
      '  ',
      'hello',
      '{"title":"b"}',
      '[]',
      '\ufeff{}',
      JSON.stringify(titled('c d')),
    ]
    const { status, lines } = await post(text.join('\n'))
    expect(status).toBe(200)
    expect(lines.map(({ line, status: its }) => [line, its])).toEqual([
      [1, undefined],
      [4, 400],
      [5, 400],
      [6, 400],
      [7, 400],
      [8, undefined],
    ])
    expect(lines[2]).toMatchObject({
      code: 'INPUT_INVALID',
      errors: [{ field: 'creatorId' }],
      type: '/docs#INPUT_INVALID',
    })
    expect(lines.at(-1).predictions[0].value).toBe(200)
  })

  it('names a count that the model does not know in its line', async () => {
    const drafts = [{ ...titled('a'), early: { claps: 1 } }, titled('a')]
    const { lines } = await post(drafts.map((one) => JSON.stringify(one)).join('\n'), '/v1/predictions/virality:batch')
    expect(lines[0]).toMatchObject({ line: 1, status: 400, errors: [{ field: 'early.claps' }] })
    expect(lines[1]).toMatchObject({ line: 2, probability: 0.5 })
  })

  it('skips a line that is too long, and goes on behind it', async () => {
    const long = JSON.stringify({ ...titled('a'), description: 'x'.repeat(longestLine) })
    const { lines } = await post(`${long}\n${JSON.stringify(titled('a'))}`)
    expect(lines[0]).toMatchObject({ line: 1, status: 413, code: 'TOO_LARGE' })
    expect(lines[1]).toMatchObject({ line: 2, predictions: [{ value: 100 }] })
  })

  it('of nothing is answered by nothing', async () => {
    for (const text of ['', '\n\n']) {
      expect(await service.post(path, text, ndjson)).toMatchObject({ status: 200, body: '' })
    }
  })

  it('of more lines than are taken is answered up to there, and then by one problem', async () => {
    const { lines } = await post('{}\n'.repeat(mostLines + 300))
    expect(lines).toHaveLength(mostLines + 1)
    expect(lines.at(-1)).toMatchObject({
      line: mostLines + 1,
      status: 413,
      detail: expect.stringContaining('More than'),
    })
  }, 60_000)

  it('is answered line by line while it is still being sent', async () => {
    let send: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = controller
      },
    })
    const line = (title: string): void => send!.enqueue(Buffer.from(`${JSON.stringify(titled(title))}\n`))
    line('one')
    const init = { method: 'POST', headers: ndjson, body, duplex: 'half' }
    const response = await fetch(`${service.url}${path}`, init as RequestInit)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect(JSON.parse((await reader.read()).value!)).toMatchObject({ line: 1, predictions: [{ value: 100 }] })
    line('one two')
    expect(JSON.parse((await reader.read()).value!)).toMatchObject({ line: 2, predictions: [{ value: 200 }] })
    send!.close()
    expect((await reader.read()).done).toBe(true)
  })

  it('that nobody reads is not taken in without end', async () => {
    const { hostname, port } = new URL(service.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    // Nine wrong fields are told in more than a kilobyte: the answers to all lines that are allowed are more than sockets buffer.
    const wrong = { creatorId: 1, title: 2, description: 3, tags: 4, platform: 5, category: 6, language: 7 }
    const line = `${JSON.stringify({ ...wrong, durationSeconds: 'x', plannedAt: true })}\n`
    const lines = Buffer.from(line.repeat(1000))
    const chunk = Buffer.concat([Buffer.from(`${lines.length.toString(16)}\r\n`), lines, Buffer.from('\r\n')])
    let sent = 0
    // Paused from the start: what the service answers fills its buffers, and then it stops to read.
    socket.pause()
    for (; sent < 2000; sent++) {
      if (!socket.write(chunk) && !(await drained(socket))) break
    }
    socket.destroy()
    expect(sent).toBeLessThan(2000)
    expect((await service.get('/healthz')).status).toBe(200)
  }, 60_000)

  it('that is compressed is refused', async () => {
    const { status, body } = await service.post(path, '{}', { ...ndjson, 'content-encoding': 'gzip' })
    expect(status).toBe(415)
    expect(body.detail).toContain('gzip')
  })

  it('is taken by no other route', async () => {
    expect((await service.post('/v1/predictions/engagement', '{}', ndjson)).status).toBe(415)
  })
})

describe('a stream of drafts without a model', () => {
  const { service: empty } = useService(['segments'])

  it('is refused as a whole', async () => {
    const { status, body } = await empty.post(path, '{}', { 'content-type': 'application/x-ndjson' })
    expect(status).toBe(503)
    expect(body.code).toBe('MODEL_MISSING')
  })
})

/** Whether the other side reads on within a second. */
const drained = (socket: ReturnType<typeof connect>): Promise<boolean> =>
  Promise.race([new Promise<boolean>((resolve) => socket.once('drain', () => resolve(true))), delay(1000, false)])
