import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../../log.ts'
import { replaceDurably } from '../../models/artifact/durable-files.ts'
import { type ModelName, modelNames } from '../../models/artifact/manifest.ts'

const noteSchema = z.partialRecord(z.enum(modelNames), z.strictObject({ version: z.number().int(), dir: z.string() }))
type Note = z.infer<typeof noteSchema>

/**
 * Which version of each model served last, and where its files are kept: what a service starts with while its registry's server is
 * away. Losing the note costs no more than that.
 */
export class LastChampions {
  readonly #path: string
  readonly #log: Logger
  #note: Note = {}

  /** @param path JSON file; need not exist */
  constructor(path: string, log: Logger) {
    this.#path = path
    this.#log = log
  }

  /** What was noted; empty when nothing was, or the note is unreadable. */
  async read(): Promise<Note> {
    const text = await readFile(this.#path, 'utf8').catch(() => undefined)
    if (text === undefined) return {}
    try {
      this.#note = noteSchema.parse(JSON.parse(text))
    } catch (error) {
      this.#log.warn({ path: this.#path, reason: (error as Error).message }, 'note of the last champions is unreadable')
    }
    return this.#note
  }

  /** Notes what serves now. Never throws: a full disk is logged. */
  async keep(model: ModelName, version: number, dir: string): Promise<void> {
    this.#note = { ...this.#note, [model]: { version, dir } }
    try {
      await mkdir(dirname(this.#path), { recursive: true })
      await replaceDurably(this.#path, Buffer.from(JSON.stringify(this.#note)))
    } catch (error) {
      this.#log.warn({ path: this.#path, reason: (error as Error).message }, 'last champions not noted')
    }
  }
}
