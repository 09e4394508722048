import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceWorld, type ServiceWorld, type TestService, testNow } from '../support/service-world.ts'

const redisUrl = process.env.TEST_REDIS_URL

/** A door to Redis that can be shut: to the service it looks as if Redis were gone and came back. */
class Door {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  port = 0

  constructor(target: string) {
    this.#target = new URL(target)
  }

  async open(): Promise<void> {
    const server = createServer((client) => {
      const redis = connect(Number(this.#target.port || 6379), this.#target.hostname)
      for (const socket of [client, redis]) {
        this.#sockets.add(socket)
        socket
          .on('error', () => {})
          .on('close', () => {
            this.#sockets.delete(socket)
            client.destroy()
            redis.destroy()
          })
      }
      client.pipe(redis).pipe(client)
    })
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as { port: number }).port
    this.#server = server
  }

  async shut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  }
}

describe.skipIf(!redisUrl)(
  `the service without its Redis${redisUrl ? '' : ' (skipped: TEST_REDIS_URL is not set)'}`,
  () => {
    const prefix = `test-${randomUUID()}/`
    let door: Door
    let world: ServiceWorld
    let service: TestService

    beforeAll(async () => {
      door = new Door(redisUrl!)
      await door.open()
      world = await createServiceWorld(['recommender'])
      const { config } = world
      await world.features.materialise({ config: { ...config, online: { kind: 'redis', url: url() } } })
      service = await world.start({ REDIS_URL: url() })
    })

    afterAll(async () => {
      await service.close()
      await door.shut()
      await world.remove()
      const redis = new Redis(redisUrl!)
      const keys = await redis.keys(`${prefix}*`)
      if (keys.length > 0) await redis.unlink(...keys)
      await redis.quit()
    })

    const url = () => `redis://127.0.0.1:${door.port}?keyPrefix=${prefix}`
    const recommended = async () => (await service.get('/v1/users/user-1/recommendations?limit=5')).body

    it('answers from memory, marked, keeps events, and goes on by itself when Redis is back', async () => {
      expect(await recommended()).toMatchObject({ fallback: null, ranking: 'model' })

      await door.shut()
      const gone = await recommended()
      expect(gone).toMatchObject({ ranking: 'model', fallback: { reason: 'store-unavailable' } })
      expect(gone.items).toHaveLength(5)
      const ready = await service.get('/readyz')
      expect(ready.body).toMatchObject({ status: 'degraded', store: 'away' })
      const posted = await service.post('/v1/events', { userId: 'user-1', contentId: 'content-6', eventType: 'view' })
      expect(posted).toMatchObject({ status: 202, body: { accepted: 1, visible: false } })

      await door.open()
      await expect.poll(async () => (await recommended()).fallback, { timeout: 50_000 }).toBeNull()
      // The event that Redis could not take is handed to it from the log.
      const ids = async (): Promise<string[]> =>
        (await recommended()).items.map((item: { contentId: string }) => item.contentId)
      await expect.poll(ids, { timeout: 50_000 }).not.toContain('content-6')
      expect((await service.get('/readyz')).body.store).toBe('up')
    }, 180_000)

    it('hands over what it acknowledged, when it was killed and started again before Redis was back', async () => {
      const owedSince = join(world.config.eventsDir, 'owed-since')
      await expect.poll(() => existsSync(owedSince), { timeout: 10_000 }).toBe(false)
      await door.shut()
      // It happened before the last of the published facts, so only that it is owed brings it back.
      const posted = await service.post('/v1/events', {
        userId: 'user-1',
        contentId: 'content-9',
        eventType: 'like',
        occurredAt: testNow - 3 * 86_400,
      })
      expect(posted).toMatchObject({ status: 202, body: { accepted: 1, visible: false } })
      expect(existsSync(owedSince)).toBe(true)

      await service.close()
      service = await world.start({ REDIS_URL: url() }, { startWaitMs: 100 })
      expect((await service.get('/readyz')).body.store).toBe('away')
      await door.open()
      await expect.poll(async () => (await recommended()).fallback, { timeout: 50_000 }).toBeNull()
      const all = async (): Promise<string[]> =>
        (await service.get('/v1/users/user-1/recommendations?limit=13')).body.items.map(
          (item: { contentId: string }) => item.contentId,
        )
      await expect.poll(all, { timeout: 50_000 }).not.toContain('content-9')
      await expect.poll(() => existsSync(owedSince), { timeout: 10_000 }).toBe(false)
    }, 180_000)
  },
)
