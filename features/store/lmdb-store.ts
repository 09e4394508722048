import { mkdir } from 'node:fs/promises'
import { open, type RootDatabase } from 'lmdb'
import { AppError, toAppError } from '../../errors.ts'
import { inOrder, type KeyValueStore, liveLimit } from './key-value-store.ts'
import { liveKey } from './online-keys.ts'
import type { HistoryEvent } from './online-store.ts'

/** Embedded online store: one LMDB folder, read by many processes while one writes. */
export class LmdbStore implements KeyValueStore {
  readonly kind = 'lmdb'
  readonly #path: string
  readonly #database: RootDatabase<Uint8Array, string>

  private constructor(path: string, database: RootDatabase<Uint8Array, string>) {
    this.#path = path
    this.#database = database
  }

  /** @param path folder; created when missing. @throws AppError STORE_FAILED */
  static async open(path: string): Promise<LmdbStore> {
    try {
      await mkdir(path, { recursive: true })
      return new LmdbStore(path, open<Uint8Array, string>({ path, encoding: 'binary', noSubdir: false }))
    } catch (error) {
      throw failed(path, error)
    }
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#guard(() => keys.map((key) => this.#get(key)))
  }

  async putMany(entries: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    await this.#guard(() =>
      this.#database.batch(() => {
        for (const [key, value] of entries) void this.#database.put(key, value)
      }),
    )
  }

  async flush(): Promise<void> {
    await this.#guard(() => this.#database.flushed)
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.#guard(() =>
      this.#database.batch(() => {
        for (const key of keys) void this.#database.remove(key)
      }),
    )
  }

  async *keys(prefix: string): AsyncGenerator<readonly string[], void, undefined> {
    const step = 5000
    // The character after '/' ends the range of keys that begin with the prefix.
    const end = `${prefix.slice(0, -1)}0`
    for (let start = prefix; ; ) {
      const found = await this.#guard(() => [...this.#database.getKeys({ start, end, limit: step })])
      if (found.length > 0) yield found
      if (found.length < step) return
      start = `${found.at(-1)!}\u0001`
    }
  }

  async appendLive(userId: string, events: readonly HistoryEvent[]): Promise<number> {
    const key = liveKey(userId)
    const added = await this.#guard(() =>
      this.#database.transaction(() => {
        const known = parse(this.#get(key))
        const ids = new Set(known.map((event) => event.eventId))
        const fresh = events.filter(({ eventId }) => !ids.has(eventId) && ids.add(eventId))
        const kept = [...known, ...fresh].sort(inOrder).slice(-liveLimit)
        if (fresh.length > 0) void this.#database.put(key, Buffer.from(JSON.stringify(kept)))
        return fresh.length
      }),
    )
    await this.flush()
    return added
  }

  async live(userId: string): Promise<readonly HistoryEvent[]> {
    return this.#guard(() => parse(this.#get(liveKey(userId))))
  }

  async removeLive(userId: string): Promise<void> {
    await this.remove([liveKey(userId)])
  }

  async close(): Promise<void> {
    await this.#database.close()
  }

  /** The fast read gives a view of memory that the next read overwrites, with a patched length: it is copied at once. */
  #get(key: string): Uint8Array | undefined {
    const value = this.#database.getBinaryFast(key)
    return value === undefined ? undefined : new Uint8Array(value.buffer, value.byteOffset, value.length).slice()
  }

  async #guard<T>(body: () => T | Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      throw failed(this.#path, error)
    }
  }
}

const parse = (value: Uint8Array | undefined): HistoryEvent[] =>
  value === undefined ? [] : (JSON.parse(Buffer.from(value).toString()) as HistoryEvent[])

function failed(path: string, error: unknown): AppError {
  const known = toAppError(error, 'STORE_FAILED')
  if (known.code !== 'STORE_FAILED' || error instanceof AppError) return known
  return new AppError('STORE_FAILED', `The online store in ${path} failed: ${known.message.replace(/\.$/, '')}.`, {
    cause: error,
  })
}
