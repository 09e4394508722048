import { AppError, toAppError } from '../../errors.ts'
import type { OnlineStore } from '../../features/store/online-store.ts'
import type { Logger } from '../../log.ts'

/** After a failure the store is left alone for this long, so that a store that is away costs no request its timeout. */
const restMs = 1000

/**
 * The online store behind a circuit breaker: opened on first use, left alone for a second after a failure, used again as soon as
 * it answers. Going away and coming back are logged once each.
 */
export class GuardedStore {
  readonly #open: () => Promise<OnlineStore>
  readonly #log: Logger
  #store: Promise<OnlineStore> | undefined
  #error: AppError | undefined
  #restUntil = 0

  constructor(open: () => Promise<OnlineStore>, log: Logger) {
    this.#open = open
    this.#log = log
  }

  /** Why the store did not answer last time; undefined while it does. */
  get error(): AppError | undefined {
    return this.#error
  }

  /** @throws AppError STORE_FAILED when the store is away; other errors of the store (FEATURES_CHANGED) pass */
  async read<T>(use: (store: OnlineStore) => Promise<T>): Promise<T> {
    if (this.#error !== undefined && performance.now() < this.#restUntil) throw this.#error
    try {
      this.#store ??= this.#open()
      const result = await use(await this.#store)
      this.#answered()
      return result
    } catch (thrown) {
      const error = toAppError(thrown, 'STORE_FAILED')
      if (error.code === 'STORE_FAILED') this.#failed(error)
      throw error
    }
  }

  /** As `read`, but undefined when it fails. */
  async tryRead<T>(use: (store: OnlineStore) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.read(use)
    } catch (error) {
      if (error instanceof AppError && error.code === 'STORE_FAILED') return undefined
      throw error
    }
  }

  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined)
    await store?.close()
  }

  #answered(): void {
    if (this.#error === undefined) return
    this.#error = undefined
    this.#log.info('online store answers again')
  }

  #failed(error: AppError): void {
    if (this.#error === undefined) this.#log.error({ code: error.code, reason: error.message }, 'online store is away')
    this.#error = error
    this.#restUntil = performance.now() + restMs
    // One that never opened is opened anew next time.
    this.#store?.catch(() => {
      this.#store = undefined
    })
  }
}
