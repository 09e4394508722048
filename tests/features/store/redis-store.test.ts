import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureService } from '../../../features/definitions/index.ts'
import type { OnlineStore } from '../../../features/store/online-store.ts'
import { openOnlineStore } from '../../../features/store/open-online-store.ts'

const redisUrl = process.env.TEST_REDIS_URL

/** A door to the real server that can be shut and opened again. */
class Door {
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #mute = false
  port = 0

  async open(): Promise<void> {
    const target = new URL(redisUrl!)
    this.#server = createServer((inside) => {
      const outside = connect(Number(target.port), target.hostname)
      for (const socket of [inside, outside]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
      }
      inside.on('data', (data) => this.#mute || outside.write(data))
      outside.pipe(inside)
    })
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** The server takes commands, but does not answer any more. */
  mute(on: boolean): void {
    this.#mute = on
  }

  async shut(): Promise<void> {
    const closed = once(this.#server!, 'close')
    this.#server!.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

describe('Redis that cannot be reached at the start', () => {
  it('is refused within seconds, naming host and port but not the password', async () => {
    const opened = openOnlineStore({ online: { kind: 'redis', url: 'redis://:secret@127.0.0.1:1' } })
    const error = await opened.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('127.0.0.1:1') })
    expect(String(error)).not.toContain('secret')
  })
})

describe.skipIf(!redisUrl)(`Redis gone while serving${redisUrl ? '' : ' (skipped: TEST_REDIS_URL is not set)'}`, () => {
  const door = new Door()
  let store: OnlineStore
  beforeAll(async () => {
    await door.open()
    const url = `redis://127.0.0.1:${door.port}?keyPrefix=test-gone-${process.pid}:`
    store = await openOnlineStore({ online: { kind: 'redis', url } })
  })
  afterAll(async () => {
    await store.close()
    await door.shut()
  })
  const read = () => store.features(featureService('segments'), { user: ['user-1'] }, 0)
  const failsSoon = async (): Promise<void> => {
    const started = performance.now()
    await expect(store.history('user-1', 1)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(performance.now() - started).toBeLessThan(1000)
  }

  it('a server that does not answer, fails the read soon', async () => {
    expect(await read()).toMatchObject({ missing: 1 })
    door.mute(true)
    await failsSoon()
    door.mute(false)
  })

  it('a server that is gone, fails each read soon, and answers again when it is back', async () => {
    await door.shut()
    await Promise.all(Array.from({ length: 50 }, failsSoon))
    await door.open()
    let answer: unknown
    for (let i = 0; i < 50 && answer === undefined; i++) {
      await sleep(100)
      answer = await store.history('user-1', 1).catch(() => undefined)
    }
    expect(answer).toEqual([])
  })
})
