import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, toAppError } from '../../errors.ts'
import type { NewEvent } from '../../features/store/online-store.ts'

/** An event as it stands in the log. */
export interface LoggedEvent extends NewEvent {
  /** When the service took it, seconds since 1970, UTC; absent in logs of before this was noted. */
  readonly receivedAt?: number
}

interface Waiting {
  readonly lines: string
  readonly resolve: () => void
  readonly reject: (error: AppError) => void
}

const newline = 10

/**
 * The durable log of posted events: one JSON per line in `<dir>/<UTC day>.ndjson`, on the disk before it is acknowledged. All
 * batches that arrive while the disk is busy are written and synced together.
 *
 * A crash may leave a last line cut off; it was never acknowledged. The next append ends that line first, so that it spoils
 * nothing but itself.
 */
export class EventLog {
  readonly #dir: string
  readonly #clock: () => number
  #waiting: Waiting[] = []
  #flushing: Promise<void> | undefined

  /** @param clock seconds since 1970, UTC; decides the file */
  constructor(dir: string, clock: () => number) {
    this.#dir = dir
    this.#clock = clock
  }

  /** Resolves when the events are on the disk. @throws AppError DISK_FULL | STORE_FAILED; then none of them counts as accepted */
  append(events: readonly NewEvent[]): Promise<void> {
    const receivedAt = this.#clock()
    const lines = events.map((event) => `${JSON.stringify({ ...event, receivedAt } satisfies LoggedEvent)}\n`).join('')
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, resolve, reject })
      this.#flushing ??= this.#flushAll().finally(() => {
        this.#flushing = undefined
      })
    })
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#flushing
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#write(group.map((waiting) => waiting.lines).join(''))
        for (const { resolve } of group) resolve()
      } catch (thrown) {
        const error = toAppError(thrown, 'STORE_FAILED')
        const said =
          error.code === 'DISK_FULL'
            ? error
            : new AppError('STORE_FAILED', `Events cannot be written: ${error.message}`)
        for (const { reject } of group) reject(said)
      }
    }
  }

  async #write(lines: string): Promise<void> {
    await mkdir(this.#dir, { recursive: true })
    const day = new Date(this.#clock() * 1000).toISOString().slice(0, 10)
    const file = await open(join(this.#dir, `${day}.ndjson`), 'a+')
    try {
      const { size } = await file.stat()
      const { buffer } = size === 0 ? { buffer: [newline] } : await file.read(Buffer.alloc(1), 0, 1, size - 1)
      await file.appendFile(buffer[0] === newline ? lines : `\n${lines}`)
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}
