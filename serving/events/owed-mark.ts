import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toAppError } from '../../errors.ts'
import { writeDurably } from '../../features/store/durable-file.ts'

/**
 * A file beside the log that says, over a restart, since when the online store lacks events that were acknowledged:
 * `<dir>/owed-since` holds a moment in seconds since 1970, UTC. Without the file nothing is owed.
 */
export class OwedMark {
  readonly #path: string
  #written: number | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(dir: string) {
    this.#path = join(dir, 'owed-since')
  }

  /** What a process before this one owed; undefined when nothing. A mark that cannot be understood counts as everything. */
  async read(): Promise<number | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw toAppError(error, 'STORE_FAILED')
    })
    if (text === undefined) return undefined
    const since = Number(text)
    this.#written = text.trim() !== '' && Number.isFinite(since) ? since : 0
    return this.#written
  }

  /**
   * Brings the file to what `since` says when its turn has come, so that a mark set meanwhile is not removed. On the disk when it
   * resolves.
   *
   * @throws AppError DISK_FULL | STORE_FAILED
   */
  keep(since: () => number | undefined): Promise<void> {
    const kept = this.#writing.then(async () => {
      const wanted = since()
      if (wanted === this.#written) return
      if (wanted === undefined) await rm(this.#path, { force: true })
      else await writeDurably(this.#path, `${wanted}\n`)
      this.#written = wanted
    })
    this.#writing = kept.catch(() => undefined)
    return kept.catch((error: unknown) => {
      throw toAppError(error, 'STORE_FAILED')
    })
  }
}
