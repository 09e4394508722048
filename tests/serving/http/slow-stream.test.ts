import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceWorld, type ServiceWorld, type TestService } from '../../support/service-world.ts'

const patience = {
  headersTimeout: 500,
  requestTimeout: 500,
  connectionsCheckingInterval: 50,
  idleMs: 30_000,
  streamMs: 2000,
}
let world: ServiceWorld
let service: TestService
beforeAll(async () => {
  world = await createServiceWorld(['engagement'])
  service = await world.start({}, { patience })
})
afterAll(async () => {
  await service.close()
  await world.remove()
})

const path = '/v1/predictions/engagement:batch'
const line = '{"creatorId":"creator-1","title":"a b"}\n'

/** A stream of drafts that is sent by hand. */
class Stream {
  readonly socket: Socket
  readonly #closed: Promise<unknown>
  #text = ''

  constructor() {
    const { hostname, port } = new URL(service.url)
    this.socket = connect(Number(port), hostname)
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => {
      this.#text += chunk
    })
    this.#closed = new Promise((resolve) => this.socket.once('close', resolve))
    const type = 'content-type: application/x-ndjson\r\ntransfer-encoding: chunked'
    this.socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\n${type}\r\n\r\n`)
  }

  send(text: string): void {
    this.socket.write(`${text.length.toString(16)}\r\n${text}\r\n`)
  }

  /** All that came. */
  get text(): string {
    return this.#text
  }

  get lines() {
    return [...this.#text.matchAll(/^\{.*\}$/gm)].map(([text]) => JSON.parse(text))
  }

  /** How long the service takes to close the connection, ms. */
  async closed(): Promise<number> {
    const from = performance.now()
    await this.#closed
    return performance.now() - from
  }
}

const ended = /\r\n0\r\n\r\n$/

describe('a stream of drafts that takes longer than a request may', () => {
  it('goes on as long as lines come, and the connection takes requests as before', async () => {
    const stream = new Stream()
    for (let i = 0; i < 6; i++) {
      stream.send(line)
      await delay(200)
    }
    stream.socket.write('0\r\n\r\n')
    await expect.poll(() => stream.text).toMatch(ended)
    expect(stream.lines.map(({ predictions }) => predictions[0].value)).toEqual([200, 200, 200, 200, 200, 200])
    // A request that stalls on the same connection is told to go.
    stream.socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    )
    expect(await stream.closed()).toBeLessThan(2000)
    expect(stream.text).toContain('HTTP/1.1 408 ')
  })

  it.each([
    ['without a byte', []],
    ['by bytes that make no line', Array.from({ length: 12 }, () => ' ')],
  ])('is ended with a problem where it stalls %s', async (_, bytes) => {
    const stream = new Stream()
    stream.send(line)
    const dribble = (async () => {
      for (const byte of bytes) {
        await delay(100)
        if (stream.socket.writable) stream.send(byte)
      }
    })()
    const ms = await stream.closed()
    await dribble
    expect(ms).toBeGreaterThan(450)
    expect(ms).toBeLessThan(1900)
    expect(stream.text).toMatch(ended)
    expect(stream.lines).toMatchObject([
      { line: 1, predictions: [{ value: 200 }] },
      { line: 2, status: 400, detail: expect.stringContaining('the next line within 0.5 seconds') },
    ])
  })

  it('is ended with a problem where it comes to no end, which a client hears that only sends', async () => {
    const stream = new Stream()
    const timer = setInterval(() => {
      if (!stream.text.includes('TOO_LARGE')) stream.send(line)
    }, 100)
    const ms = await stream.closed()
    clearInterval(timer)
    expect(ms).toBeGreaterThan(1900)
    expect(ms).toBeLessThan(4000)
    const { length } = stream.lines
    expect(length).toBeGreaterThan(5)
    expect(stream.lines.at(-1)).toMatchObject({
      line: length,
      status: 413,
      detail: expect.stringContaining('longer than 2 seconds'),
    })
  })
})
