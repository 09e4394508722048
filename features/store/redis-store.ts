import { Redis } from 'ioredis'
import { AppError } from '../../errors.ts'
import { type Logger, silentLogger } from '../../log.ts'
import { inOrder, type KeyValueStore, liveLimit } from './key-value-store.ts'
import { liveKey } from './online-keys.ts'
import type { HistoryEvent } from './online-store.ts'

export interface RedisOptions {
  /** `?keyPrefix=…` sets what comes before every key, `contentflow:` by default, so that others may use the same database. */
  readonly url: string
  /** A command that takes longer fails: a request must not wait for a server that is gone. */
  readonly timeoutMs?: number
  readonly log?: Logger
}

/** Live events live on in Redis for so long after a person's last one. */
const liveSeconds = 30 * 86_400
const connectTimeoutMs = 2000

/** Shared online store: the bytes of the embedded one, in Redis. */
export class RedisStore implements KeyValueStore {
  readonly kind = 'redis'
  readonly #redis: Redis
  readonly #where: string
  readonly #prefix: string

  private constructor(redis: Redis, where: string, prefix: string) {
    this.#redis = redis
    this.#where = where
    this.#prefix = prefix
  }

  /** @throws AppError STORE_FAILED when the server cannot be reached within two seconds */
  static async open({ url, timeoutMs = 250, log = silentLogger }: RedisOptions): Promise<RedisStore> {
    const server = new URL(url)
    const { host } = server
    const prefix = server.searchParams.get('keyPrefix') ?? 'contentflow:'
    // Left in, the client would add it too, but not to the patterns of SCAN.
    server.searchParams.delete('keyPrefix')
    const redis = new Redis(server.href, {
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      commandTimeout: timeoutMs,
      // While the server is away commands fail at once instead of piling up.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
    })
    redis.on('error', (error: Error) => log.warn({ host, reason: error.message }, 'Redis is not reachable'))
    const store = new RedisStore(redis, host, prefix)
    try {
      await redis.connect()
    } catch (error) {
      redis.disconnect()
      throw store.#failed(error)
    }
    return store
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return []
    const values = await this.#guard(() => this.#redis.mgetBuffer(keys.map(this.#key)))
    return values.map((value) => (value === null ? undefined : Uint8Array.from(value)))
  }

  async putMany(entries: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    for (let start = 0; start < entries.length; start += 500) {
      const part = entries.slice(start, start + 500)
      await this.#guard(() => this.#redis.mset(part.flatMap(([key, value]) => [this.#key(key), Buffer.from(value)])))
    }
  }

  async flush(): Promise<void> {
    // Every put was acknowledged; how soon that is on disk is the server's own setting.
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += 500) {
      await this.#guard(() => this.#redis.unlink(...keys.slice(start, start + 500).map(this.#key)))
    }
  }

  async *keys(prefix: string): AsyncGenerator<readonly string[], void, undefined> {
    const pattern = `${this.#key(prefix)}*`
    let cursor = '0'
    do {
      const [next, found] = await this.#guard(() => this.#redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000))
      cursor = next
      if (found.length > 0) yield found.map((key) => key.slice(this.#prefix.length))
    } while (cursor !== '0')
  }

  async appendLive(userId: string, events: readonly HistoryEvent[]): Promise<number> {
    if (events.length === 0) return 0
    const key = this.#key(liveKey(userId))
    const pipeline = this.#redis.pipeline()
    for (const event of events) pipeline.hsetnx(key, event.eventId, JSON.stringify(event))
    pipeline.expire(key, liveSeconds)
    pipeline.hlen(key)
    const replies = await this.#guard(() => pipeline.exec())
    const values = (replies ?? []).map(([error, value]) => {
      if (error !== null) throw this.#failed(error)
      return Number(value)
    })
    const added = values.slice(0, events.length).reduce((sum, one) => sum + one, 0)
    if (values.at(-1)! > liveLimit) await this.#trim(userId)
    return added
  }

  async live(userId: string): Promise<readonly HistoryEvent[]> {
    const texts = await this.#guard(() => this.#redis.hvals(this.#key(liveKey(userId))))
    return texts.map((text) => JSON.parse(text) as HistoryEvent)
  }

  async removeLive(userId: string): Promise<void> {
    await this.remove([liveKey(userId)])
  }

  async close(): Promise<void> {
    this.#redis.disconnect()
  }

  async #trim(userId: string): Promise<void> {
    const surplus = [...(await this.live(userId))].sort(inOrder).slice(0, -liveLimit)
    await this.#guard(() => this.#redis.hdel(this.#key(liveKey(userId)), ...surplus.map((event) => event.eventId)))
  }

  readonly #key = (key: string): string => `${this.#prefix}${key}`

  async #guard<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      throw this.#failed(error)
    }
  }

  #failed(error: unknown): AppError {
    if (error instanceof AppError) return error
    // Some messages of Redis's client are sentences.
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
    return new AppError(
      'STORE_FAILED',
      `The online store in Redis at ${this.#where} did not answer: ${reason}. Check that it runs and that REDIS_URL is right.`,
      { cause: error },
    )
  }
}
